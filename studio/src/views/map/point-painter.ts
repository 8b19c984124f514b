/**
 * Many round points on a WebGL 2 canvas: one draw call a layer, nothing copied
 * while the view moves. Written here because libraries for it build functions
 * from text, which this page's policy forbids.
 */
import type { Plane, Positions, Size } from "./plane.ts";

const VERTEX = `#version 300 es
in vec2 place;
in vec4 colour;
uniform vec2 centre;
uniform vec2 scale;
uniform float diameter;
out vec4 painted;
void main() {
  gl_Position = vec4((place - centre) * scale, 0.0, 1.0);
  gl_PointSize = diameter;
  painted = colour;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 painted;
uniform float diameter;
out vec4 pixel;
void main() {
  float beyond = length(gl_PointCoord - 0.5) * diameter - (0.5 * diameter - 1.0);
  float alpha = painted.a * clamp(1.0 - beyond, 0.0, 1.0);
  if (alpha <= 0.0) discard;
  pixel = vec4(painted.rgb * alpha, alpha);
}`;

/** Points of one size, later ones over earlier ones. */
export interface PointLayer {
  readonly positions: Positions;
  /** Red, green, blue and alpha of each point, 0 … 255. */
  readonly colours: Uint8Array;
  /** CSS pixels. */
  readonly diameter: number;
  /** How many of the first points are painted; absent: all. */
  readonly most?: number;
}

interface Uploaded {
  readonly array: WebGLVertexArrayObject;
  readonly positions: { readonly buffer: WebGLBuffer; data: Positions | null };
  readonly colours: { readonly buffer: WebGLBuffer; data: Uint8Array | null };
}

export class PointPainter {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #uploaded: Uploaded[] = [];

  /** @returns null where the browser has no WebGL 2 */
  static on(canvas: HTMLCanvasElement): PointPainter | null {
    const gl = canvas.getContext("webgl2", { antialias: false, alpha: true });
    return gl && new PointPainter(gl);
  }

  private constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#program = link(gl);
    gl.useProgram(this.#program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** Paints the layers over each other; arrays that were painted before are not sent again. */
  paint(layers: readonly PointLayer[], plane: Plane, size: Size, pixelRatio: number): void {
    const gl = this.#gl;
    const { canvas } = gl;
    const [width, height] = [
      Math.round(size.width * pixelRatio),
      Math.round(size.height * pixelRatio),
    ];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const uniform = (name: string) => gl.getUniformLocation(this.#program, name);
    gl.uniform2f(uniform("centre"), plane.x, plane.y);
    gl.uniform2f(uniform("scale"), (2 * plane.zoom) / size.width, (2 * plane.zoom) / size.height);
    layers.forEach((layer, at) => {
      this.#uploaded[at] ??= this.#allocate();
      this.#send(this.#uploaded[at], layer);
      gl.uniform1f(uniform("diameter"), layer.diameter * pixelRatio);
      gl.drawArrays(gl.POINTS, 0, Math.min(layer.positions.length / 2, layer.most ?? Infinity));
    });
  }

  #allocate(): Uploaded {
    const gl = this.#gl;
    const uploaded = {
      array: gl.createVertexArray(),
      positions: { buffer: gl.createBuffer(), data: null },
      colours: { buffer: gl.createBuffer(), data: null },
    };
    gl.bindVertexArray(uploaded.array);
    const attribute = (name: string, buffer: WebGLBuffer, parts: number, type: number) => {
      const place = gl.getAttribLocation(this.#program, name);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, parts, type, type === gl.UNSIGNED_BYTE, 0, 0);
    };
    attribute("place", uploaded.positions.buffer, 2, gl.FLOAT);
    attribute("colour", uploaded.colours.buffer, 4, gl.UNSIGNED_BYTE);
    return uploaded;
  }

  #send({ array, positions, colours }: Uploaded, layer: PointLayer): void {
    const gl = this.#gl;
    gl.bindVertexArray(array);
    if (positions.data !== layer.positions) {
      gl.bindBuffer(gl.ARRAY_BUFFER, positions.buffer);
      gl.bufferData(gl.ARRAY_BUFFER, layer.positions, gl.DYNAMIC_DRAW);
      positions.data = layer.positions;
    }
    if (colours.data !== layer.colours) {
      gl.bindBuffer(gl.ARRAY_BUFFER, colours.buffer);
      gl.bufferData(gl.ARRAY_BUFFER, layer.colours, gl.DYNAMIC_DRAW);
      colours.data = layer.colours;
    }
  }
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`the picture's program was refused: ${gl.getProgramInfoLog(program)}`);
  }
  return program;
}
