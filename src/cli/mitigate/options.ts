/** What was asked for, as `prepareAct` takes it. */
export interface MitigateOptions {
  readonly worst: boolean;
  readonly signalName: string | null;
  readonly started: number | null;
  readonly readyUrl: string | null;
  readonly timeoutMs: number;
  readonly everyMs: number;
  readonly mostPerHour: number;
  readonly closeCircuit: string | null;
  readonly withoutEvidence: string | null;
  readonly accept: ReadonlyMap<string, string>;
  readonly namespace: string | null;
  readonly kubeContext: string | null;
}
