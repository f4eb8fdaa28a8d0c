/** How often things were done, by name; the first name is the operation. */
export type OperationCounts = Readonly<Record<string, number>>;

/** A service that a scenario has started. */
export interface RunningService {
  /** Whose memory is measured: a pid, or the address of an inspector, a pprof handler or an agent. */
  readonly target: number | string;
  /** Where its users reach it. */
  readonly url?: string;
  /** For the endpoint of its agent; `STANCH_TOKEN` when absent. */
  readonly token?: string;
  /** Ends it, and all that it has started. */
  stop(): Promise<void>;
}

/** What the functions of a scenario are told. */
export interface ScenarioContext {
  /** What `start` has given, or `--start`; null when the service was running already. */
  readonly service: RunningService | null;
  /** Aborts when the run is interrupted: pass it on to what waits. */
  readonly signal: AbortSignal;
  /** How many operations go on at the same time. */
  readonly concurrency: number;
}

/** A page of a browser, as playwright-core has it. */
// biome-ignore lint/suspicious/noExplicitAny: the type is playwright's, and playwright is optional
export type BrowserPage = any;

/**
 * What `stanch run` does again and again: the exports of a module, or its default export. `operation`, `round` or `browser` is needed; all
 * else may be absent.
 */
export interface Scenario {
  /** What one operation is called, in the singular: `join`. */
  readonly name?: string;
  /** Does it once. `index` goes on from round to round, so that each can be another user. */
  operation?(index: number, context: ScenarioContext): unknown;
  /**
   * Does it `operations` times, for drivers that keep connections. What it returns is counted instead: how often each thing was done in
   * this round; the first is the operation.
   */
  round?(operations: number, context: ScenarioContext): Promise<OperationCounts | undefined>;
  /** Does it once in a page of a browser. Without a target the pages themselves are measured. */
  browser?(page: BrowserPage, index: number, context: ScenarioContext): unknown;
  /** Before the first round, after `start`. */
  setup?(context: ScenarioContext): unknown;
  /** After the last one, in any case. */
  teardown?(context: ScenarioContext): unknown;
  /** Starts the service; with `--bisect`, that of the checkout in `directory`. */
  start?(context: Pick<ScenarioContext, 'signal'> & { readonly directory?: string }): Promise<RunningService>;
  /** Whose memory is measured, when the scenario does not start it. */
  readonly target?: number | string;
  /** The service's checkout: findings then carry file and line in it. */
  readonly source?: string;
  /** Has the service collect its garbage where Stanch cannot. */
  collectGarbage?(context: ScenarioContext): unknown;
  /** Defaults of `--ops`, `--rounds` and `--concurrency`. */
  readonly ops?: number;
  readonly rounds?: number;
  readonly concurrency?: number;
}
