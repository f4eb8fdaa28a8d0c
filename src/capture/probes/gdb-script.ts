/** One call in the main thread of a stopped x86-64 process, by addresses; the text stays where it is put. */
export interface InferiorCall {
  readonly function: bigint;
  /** At most three; `null` stands for the address of the text. */
  readonly arguments: readonly (bigint | null)[];
  /** Of any `syscall` instruction in the process. */
  readonly syscallInstruction: bigint;
  /** A file with the stub and, from `TEXT_OFFSET` on, the text. */
  readonly payloadFile: string;
}

export const TEXT_OFFSET = 4096;
export const MAPPED_BYTES = 8192;

/**
 * Keeps the vector registers, which the function may use: xsave, call, xrstor, stop. gdb itself is never made to write them: version 13
 * cannot on processors with AMX, fails half-way, and the process dies of it. Expects the function in r12, its third argument in r14 and a
 * zeroed, aligned area in rbx; leaves the result in r13.
 */
export const STUB: Uint8Array = Uint8Array.of(
  ...[0xfc], // cld
  ...[0xb8, 0xe7, 0x00, 0x00, 0x00], // mov eax, x87 | SSE | AVX | AVX-512
  ...[0x31, 0xd2], // xor edx, edx
  ...[0x48, 0x0f, 0xae, 0x23], // xsave64 [rbx]
  ...[0x4c, 0x89, 0xf2], // mov rdx, r14
  ...[0x31, 0xc0], // xor eax, eax
  ...[0x41, 0xff, 0xd4], // call r12
  ...[0x49, 0x89, 0xc5], // mov r13, rax
  ...[0xb8, 0xe7, 0x00, 0x00, 0x00], // mov eax, …
  ...[0x31, 0xd2], // xor edx, edx
  ...[0x48, 0x0f, 0xae, 0x2b], // xrstor64 [rbx]
  ...[0xcc], // int3
);

const REGISTERS = [
  ...['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'rsp'],
  ...['r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'eflags', 'rip'],
  // Last: from here on the kernel knows again that a system call was interrupted, and repeats it.
  'orig_rax',
];
const XSAVE_HEADER = 512;
const MMAP = 9;
const READ_AND_EXECUTE = 5;
const PRIVATE_ANONYMOUS = 0x22;

/** What is sourced one after the other: an error ends only its own part, so that the registers are put back whatever happens. */
export interface GdbParts {
  readonly save: string;
  readonly call: string;
  readonly restore: string;
}

/** Only general registers are set, one by one; other threads stay stopped all the while. */
export function gdbParts(call: InferiorCall): GdbParts {
  const [first = 0n, second = 0n, third = 0n] = call.arguments;
  const value = (argument: bigint | null): string => (argument === null ? '$text' : hex(argument));
  return {
    save: `handle all nostop noprint pass
set scheduler-locking on
thread 1
${REGISTERS.map((name) => `set $saved_${name} = $${name}`).join('\n')}
set $saved = 1
`,
    call: `if $saved == 1
  set $orig_rax = -1
  set $rax = ${MMAP}
  set $rdi = 0
  set $rsi = ${MAPPED_BYTES}
  set $rdx = ${READ_AND_EXECUTE}
  set $r10 = ${PRIVATE_ANONYMOUS}
  set $r8 = -1
  set $r9 = 0
  set $rip = ${hex(call.syscallInstruction)}
  stepi
  set $page = (unsigned long) $rax
  if $page % 4096 == 0 && $page > 65536
    restore ${call.payloadFile} binary $page
    set $text = $page + ${TEXT_OFFSET}
    set $rbx = ((unsigned long) $saved_rsp - 8192) & ~63
${[0, 8, 16, 24, 32, 40, 48, 56].map((at) => `    set {unsigned long} ($rbx + ${XSAVE_HEADER + at}) = 0`).join('\n')}
    set $rsp = $rbx - 256
    set $orig_rax = -1
    set $rdi = ${value(first)}
    set $rsi = ${value(second)}
    set $r14 = ${value(third)}
    set $r12 = ${hex(call.function)}
    set $rip = $page
    continue
    if $rip == $page + ${STUB.length}
      printf "stanch-called %d\\n", (int) $r13
    end
  end
end
`,
    restore: `if $saved == 1
${REGISTERS.map((name) => `  set $${name} = $saved_${name}`).join('\n')}
  printf "stanch-restored\\n"
end
`,
  };
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
