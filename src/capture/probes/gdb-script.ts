/** One call in a thread of a stopped x86-64 process, by addresses; the text stays where it is put. */
export interface InferiorCall {
  /** As the thread itself has it, as this machine's kernel has it, and a guess at how gdb counts it. */
  readonly thread: { readonly id: number; readonly idHere: number; readonly number: number };
  /** A function without arguments, called first in that thread: where it gives 0 the other is not called. */
  readonly guard: bigint | null;
  readonly function: bigint;
  /** At most three; `null` stands for the address of the text. */
  readonly arguments: readonly (bigint | null)[];
  /** Of any `syscall` instruction in the process. */
  readonly syscallInstruction: bigint;
  /** A file with the stub and, from `TEXT_OFFSET` on, the text. */
  readonly payloadFile: string;
  /** An empty file, for a command. */
  readonly chosenFile: string;
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
const GETTID = 186;
const READ_AND_EXECUTE = 5;
const PRIVATE_ANONYMOUS = 0x22;

/** What is sourced one after the other: an error ends only its own part, so that the registers are put back whatever happens. */
export interface GdbParts {
  readonly guess: string;
  readonly choose: string;
  readonly save: string;
  readonly call: string;
  readonly restore: string;
}

/** Only general registers are set, one by one; other threads stay stopped all the while. */
export function gdbParts(call: InferiorCall): GdbParts {
  return {
    guess: `handle all nostop noprint pass
set scheduler-locking on
thread ${call.thread.number}
`,
    // gdb 13 counts threads as the kernel lists them, gdb 18 the other way round: so it is asked, where it knows how (10 and later).
    choose: `pipe info threads | sed -nE 's/^[* ] *([0-9]+) .*LWP ${call.thread.idHere}[^0-9].*$/thread \\1/p' > '${call.chosenFile}'
source ${call.chosenFile}
`,
    save: `${REGISTERS.map((name) => `set $saved_${name} = $${name}`).join('\n')}
set $saved = 1
`,
    // Numbers of threads are gdb's own: that this is the one that was meant, it says itself.
    call: `if $saved == 1
${systemCall(call, [GETTID])}
  if $rax == ${call.thread.id}
${systemCall(call, [MMAP, 0, MAPPED_BYTES, READ_AND_EXECUTE, PRIVATE_ANONYMOUS, -1, 0])}
    set $page = (unsigned long) $rax
    if $page % 4096 == 0 && $page > 65536
      restore ${call.payloadFile} binary $page
      set $text = $page + ${TEXT_OFFSET}
${call.guard === null ? 'set $r13 = 1' : throughStub(call.guard, [])}
      if (int) $r13 != 0
${throughStub(call.function, call.arguments)}
        if $rip == $page + ${STUB.length}
          printf "stanch-called %d\\n", (int) $r13
        end
      end
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

/** The arguments' registers of a system call are not those of a function. */
function systemCall({ syscallInstruction }: InferiorCall, [number, ...args]: readonly number[]): string {
  const registers = ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'];
  return `  set $orig_rax = -1
  set $rax = ${number}
${args.map((value, at) => `  set $${registers[at]} = ${value}`).join('\n')}
  set $rip = ${hex(syscallInstruction)}
  stepi`;
}

/** Below what the thread has on its stack, and its red zone. Gives the result in r13, which is 0 when it stopped elsewhere. */
function throughStub(address: bigint, args: InferiorCall['arguments']): string {
  const [first = 0n, second = 0n, third = 0n] = args;
  const value = (argument: bigint | null): string => (argument === null ? '$text' : hex(argument));
  return `      set $rbx = ((unsigned long) $saved_rsp - 8192) & ~63
${[0, 8, 16, 24, 32, 40, 48, 56].map((at) => `      set {unsigned long} ($rbx + ${XSAVE_HEADER + at}) = 0`).join('\n')}
      set $rsp = $rbx - 256
      set $orig_rax = -1
      set $r13 = 0
      set $rdi = ${value(first)}
      set $rsi = ${value(second)}
      set $r14 = ${value(third)}
      set $r12 = ${hex(address)}
      set $rip = $page
      continue`;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
