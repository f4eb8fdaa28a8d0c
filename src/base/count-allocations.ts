const COUNTED = ['Uint8Array', 'Int32Array', 'Uint32Array', 'Float64Array'] as const;

/**
 * Bytes of all typed arrays that are made while something runs, freed or not: for tests that freeze a memory
 * budget. Views of other buffers count nothing.
 */
export async function countAllocations<T>(run: () => T | Promise<T>): Promise<{ result: T; bytes: number }> {
  const globals = globalThis as unknown as Record<string, new (...args: unknown[]) => ArrayBufferView>;
  const originals = COUNTED.map((name) => globals[name]!);
  let bytes = 0;
  COUNTED.forEach((name, index) => {
    globals[name] = new Proxy(originals[index]!, {
      construct(target, args, newTarget) {
        const array = Reflect.construct(target, args, newTarget) as ArrayBufferView;
        if (!(args[0] instanceof ArrayBuffer)) bytes += array.byteLength;
        return array;
      },
    });
  });
  try {
    return { result: await run(), bytes };
  } finally {
    COUNTED.forEach((name, index) => {
      globals[name] = originals[index]!;
    });
  }
}
