import type { ProfileRuntime, StackProfile } from '../../model/stack-profile.ts';

const RUNTIME_OF_EXTENSION: ReadonlyMap<string, ProfileRuntime> = new Map([
  ['go', 'go'],
  ['py', 'python'],
  ['rb', 'ruby'],
  ['js', 'node'],
  ['mjs', 'node'],
  ['cjs', 'node'],
  ['ts', 'node'],
  ['mts', 'node'],
  ['cts', 'node'],
]);

const GO_TYPES = /^(goroutine|goroutineleak|threadcreate)$/;

/**
 * pprof files do not say who wrote them. The files of most functions tell; Go's own runtime functions do where files are missing.
 */
export function runtimeOf({
  functions,
  strings,
  sampleTypes,
}: Pick<StackProfile, 'functions' | 'strings' | 'sampleTypes'>): ProfileRuntime {
  const votes = new Map<ProfileRuntime, number>();
  const vote = (runtime: ProfileRuntime | undefined, count: number): void => {
    if (runtime) votes.set(runtime, (votes.get(runtime) ?? 0) + count);
  };
  const functionsOfFile = new Uint32Array(strings.length);
  for (let fn = 0; fn < functions.count; fn++) {
    const file = functions.file[fn]!;
    if (file === 0) vote(byName(strings[functions.name[fn]!]!), 1);
    else functionsOfFile[file]!++;
  }
  functionsOfFile.forEach((count, file) => {
    if (count > 0) vote(byFile(strings[file]!), count);
  });
  // Go's own kinds may have no functions at all: no thread and no stuck goroutine is a result too.
  let best: ProfileRuntime = GO_TYPES.test(sampleTypes[0]?.type ?? '') ? 'go' : 'native';
  let most = 0;
  for (const [runtime, count] of votes) {
    if (count > most) [best, most] = [runtime, count];
  }
  return best;
}

function byFile(file: string): ProfileRuntime | undefined {
  return file.startsWith('node:') ? 'node' : RUNTIME_OF_EXTENSION.get(file.slice(file.lastIndexOf('.') + 1));
}

function byName(name: string): ProfileRuntime | undefined {
  return /^runtime\.(goexit|main|mallocgc|gopark|systemstack|mcall)\b/.test(name) ? 'go' : undefined;
}
