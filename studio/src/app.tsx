/** The frame around every view: its name, the way to the others, the theme. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorBoundary, LocationProvider, lazy, Route, Router, useLocation } from "preact-iso";
import { Empty, Failure } from "./parts/states.tsx";
import { ThemeSwitch } from "./parts/theme-switch.tsx";
import { Overview } from "./views/overview/overview.tsx";

interface View {
  readonly address: string;
  readonly name: string;
  /** `lazy(() => import("./views/…"))` */
  readonly component: ComponentType;
}

/** The views in the order in which the bar shows them. Each is loaded when it is first opened. */
const VIEWS: readonly View[] = [
  { address: "/demo", name: "Demo", component: lazy(() => import("./views/demo/demo.tsx")) },
  { address: "/train", name: "Train", component: lazy(() => import("./views/train/train.tsx")) },
  {
    address: "/compare",
    name: "Compare",
    component: lazy(() => import("./views/compare/compare.tsx")),
  },
  { address: "/data", name: "Data", component: lazy(() => import("./views/data/data.tsx")) },
  { address: "/map", name: "Map", component: lazy(() => import("./views/map/map.tsx")) },
  { address: "/graph", name: "Graph", component: lazy(() => import("./views/graph/graph.tsx")) },
];

function Bar() {
  const { path } = useLocation();
  const current = VIEWS.find(({ address }) => address === path);
  useEffect(() => {
    document.title = current ? `${current.name} · Lumière studio` : "Lumière studio";
  }, [current]);
  return (
    <header class="bar">
      <a class="skip" href="#view">
        Skip to the view
      </a>
      <a class="mark" href="/">
        Lumière <span>studio</span>
      </a>
      <nav aria-label="Views">
        {VIEWS.map(({ address, name }) => (
          <a key={address} href={address} aria-current={path === address ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <ThemeSwitch />
    </header>
  );
}

const Nowhere = () => (
  <Empty title="There is no such view">
    <a href="/">All runs</a> are where to begin.
  </Empty>
);

function Views() {
  const [failure, setFailure] = useState<Error | null>(null);
  const { url } = useLocation();
  // Another address may work where this one failed.
  useEffect(() => setFailure(null), [url]);
  if (failure) return <Failure error={failure} />;
  return (
    <ErrorBoundary onError={setFailure}>
      <Router>
        <Route path="/" component={Overview} />
        {VIEWS.map(({ address, component }) => (
          <Route key={address} path={address} component={component} />
        ))}
        <Route default component={Nowhere} />
      </Router>
    </ErrorBoundary>
  );
}

export function App() {
  return (
    <LocationProvider>
      <Bar />
      <main id="view" tabindex={-1}>
        <Views />
      </main>
    </LocationProvider>
  );
}
