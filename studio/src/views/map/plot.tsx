/** The picture: points that can be moved, enlarged, pointed at and chosen. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  type Plane,
  PointIndex,
  type Positions,
  toPlane,
  toScreen,
  wholePlane,
  zoomed,
} from "./plane.ts";
import { type PointLayer, PointPainter } from "./point-painter.ts";

export interface PlotProps {
  /** What the picture shows, for those who cannot see it. */
  readonly label: string;
  readonly positions: Positions;
  readonly rgba: Uint8Array;
  /** Where a pointer finds something: the points above, and others after them. */
  readonly places: Positions;
  /** Painted below; the earlier the deeper. */
  readonly below: readonly PointLayer[];
  /** Painted above. */
  readonly above: readonly PointLayer[];
  /** Which of the places. */
  readonly chosen: number | null;
  readonly nameOf: (point: number) => string;
  readonly onChoose: (point: number | null) => void;
}

/** CSS pixels around a pointer in which a point is found. */
const REACH = 12;

/** CSS pixels a pointer may move within a click. */
const STILL = 4;

/** Milliseconds that two frames may take; then fewer points move, and all come back at rest. */
const SLOW = 80;
const LEAST_MOVING = 5000;
const REST = 150;

const afterTwoFrames = (then: (now: number) => void) =>
  requestAnimationFrame(() => requestAnimationFrame(then));

export function Plot(props: PlotProps) {
  const { label, positions, rgba, places, below, above, chosen, nameOf, onChoose } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [painter, setPainter] = useState<PointPainter | null | "unknown">("unknown");
  const [size, setSize] = useState({ width: 0, height: 0 });
  /** null = all of it, also when the points move. */
  const [moved, setMoved] = useState<Plane | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const index = useMemo(() => new PointIndex(places), [places]);
  const whole = useMemo(() => wholePlane(positions, size), [positions, size]);
  const plane = moved ?? whole;
  const painted = useRef<Plane | null>(null);
  /** Points that this machine paints fast enough while the view moves. */
  const mostMoving = useRef(Number.POSITIVE_INFINITY);

  useEffect(() => {
    const place = canvas.current!;
    const open = () => setPainter(PointPainter.on(place));
    const lose = (event: Event) => {
      // Without this the browser never gives it back.
      event.preventDefault();
      setPainter("unknown");
    };
    open();
    place.addEventListener("webglcontextlost", lose);
    place.addEventListener("webglcontextrestored", open);
    const observer = new ResizeObserver(() =>
      setSize({ width: place.clientWidth, height: place.clientHeight }),
    );
    observer.observe(place);
    return () => {
      observer.disconnect();
      place.removeEventListener("webglcontextlost", lose);
      place.removeEventListener("webglcontextrestored", open);
    };
  }, []);

  useEffect(() => {
    if (painter === null || painter === "unknown" || size.width === 0) return;
    const count = positions.length / 2;
    const diameter = Math.max(2.5, Math.min(9, 42 / count ** 0.25)) * magnified(plane, whole);
    const paint = (most: number) =>
      painter.paint(
        [...below, { positions, colours: rgba, diameter, most }, ...above],
        plane,
        size,
        devicePixelRatio,
      );
    const isMoving = moved !== null && moved !== painted.current;
    painted.current = moved;
    const most = isMoving ? Math.min(count, mostMoving.current) : count;
    const frame = requestAnimationFrame(() => {
      paint(most);
      if (!isMoving) return;
      const begun = performance.now();
      afterTwoFrames((now) => {
        if (now - begun > SLOW)
          mostMoving.current = Math.min(mostMoving.current, Math.max(LEAST_MOVING, most / 2));
      });
    });
    const rest = most < count ? setTimeout(() => paint(count), REST) : undefined;
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(rest);
    };
  }, [painter, size, plane, whole, positions, rgba, below, above]);

  // Whoever is chosen from a list should be seen.
  const isLaidOut = size.width > 0;
  useEffect(() => {
    if (chosen === null || !isLaidOut) return;
    const [x, y] = [places[2 * chosen]!, places[2 * chosen + 1]!];
    const [left, top] = toScreen(plane, size, x, y);
    if (left > 0 && top > 0 && left < size.width && top < size.height) return;
    setMoved({ ...plane, x, y });
  }, [chosen, isLaidOut]);

  const at = (event: MouseEvent): [number, number] => {
    const { left, top } = canvas.current!.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const find = (event: MouseEvent) =>
    index.nearest(...toPlane(plane, size, ...at(event)), REACH / plane.zoom);
  const enlarge = (factor: number, left = size.width / 2, top = size.height / 2) =>
    setMoved((moved) => zoomed(moved ?? whole, size, factor, left, top));

  const pointers = useRef(new Map<number, [number, number]>());
  const travelled = useRef(0);
  const drag = (event: PointerEvent) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) return setPointed(find(event));
    const now = at(event);
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    travelled.current += Math.hypot(dx, dy);
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, now);
    if (other) {
      const apart = (place: [number, number]) =>
        Math.hypot(place[0] - other[0], place[1] - other[1]);
      const middle = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2] as const;
      return enlarge(apart(now) / (apart(before) || 1), ...middle);
    }
    setMoved((moved) => {
      const plane = moved ?? whole;
      return { ...plane, x: plane.x - dx / plane.zoom, y: plane.y + dy / plane.zoom };
    });
  };
  // A listener of the framework would be passive and could not keep the page still.
  const wheel = useRef((_: WheelEvent) => {});
  wheel.current = (event) => {
    event.preventDefault();
    enlarge(Math.exp(-event.deltaY / (event.deltaMode === 0 ? 400 : 12)), ...at(event));
  };
  useEffect(() => {
    const turn = (event: WheelEvent) => wheel.current(event);
    const place = canvas.current!;
    place.addEventListener("wheel", turn, { passive: false });
    return () => place.removeEventListener("wheel", turn);
  }, []);

  const names = [chosen, pointed === chosen ? null : pointed].filter(
    // What was pointed at may have gone with the users.
    (point): point is number => point !== null && 2 * point < places.length,
  );
  return (
    <div class="plot">
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          pointers.current.set(event.pointerId, at(event));
          if (pointers.current.size === 1) travelled.current = 0;
        }}
        onPointerMove={drag}
        onPointerUp={(event) => {
          pointers.current.delete(event.pointerId);
          if (travelled.current < STILL) onChoose(find(event));
        }}
        onPointerCancel={(event) => pointers.current.delete(event.pointerId)}
        onPointerLeave={() => setPointed(null)}
      />
      {painter === null && (
        <p class="note plot-missing" role="alert">
          This browser has no WebGL 2, which the picture is painted with. The list holds the same
          items.
        </p>
      )}
      {names.map((point) => {
        const [left, top] = toScreen(plane, size, places[2 * point]!, places[2 * point + 1]!);
        const hidden = left < 0 || top < 0 || left > size.width || top > size.height;
        const side = left > size.width / 2 ? "before" : "after";
        return (
          !hidden && (
            <span
              class={`plot-name ${side}`}
              key={point}
              style={{ left: `${left}px`, top: `${top}px` }}
            >
              {nameOf(point)}
            </span>
          )
        );
      })}
      <div class="plot-tools">
        <button type="button" aria-label="Enlarge" onClick={() => enlarge(1.6)}>
          +
        </button>
        <button type="button" aria-label="Shrink" onClick={() => enlarge(1 / 1.6)}>
          −
        </button>
        <button type="button" disabled={moved === null} onClick={() => setMoved(null)}>
          Whole map
        </button>
      </div>
    </div>
  );
}

/** Points grow a little with the view, so that a few of them are not lost in it. */
const magnified = (plane: Plane, whole: Plane): number =>
  Math.min(2.5, Math.max(1, (plane.zoom / whole.zoom) ** 0.3));
