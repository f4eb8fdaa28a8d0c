import { NONE, NUMERIC, type StackProfile, type ValueType } from '../../model/stack-profile.ts';
import { ProtoWriter } from './proto-writer.ts';

/**
 * A profile as profile.proto, not packed. What the format cannot hold is left out: figures, warnings, lines without a function and the
 * difference between a text label that is empty and the number 0. Ids count from 1 up.
 */
export function writePprof(profile: StackProfile): Uint8Array {
  const out = new ProtoWriter();
  const message = new ProtoWriter();
  const texts = new TextTable(profile.strings);
  for (const type of profile.sampleTypes) out.bytesField(1, valueType(type, texts));
  writeSamples(profile, out, message);
  profile.mappings.forEach((mapping, row) => {
    message.clear();
    message.int(1, row + 1);
    message.int(2, mapping.start);
    message.int(3, mapping.limit);
    message.int(4, mapping.offset);
    message.int(5, texts.indexOf(mapping.file));
    message.int(6, texts.indexOf(mapping.buildId));
    message.int(7, mapping.hasFunctions ? 1 : 0);
    message.int(8, mapping.hasFilenames ? 1 : 0);
    message.int(9, mapping.hasLineNumbers ? 1 : 0);
    message.int(10, mapping.hasInlineFrames ? 1 : 0);
    out.bytesField(3, message.finish());
  });
  writeLocations(profile, out, message);
  writeFunctions(profile, out, message);
  const tail = writeHeader(profile, texts);
  // Last, when all texts are known.
  const encoder = new TextEncoder();
  for (const text of texts.all) out.bytesField(6, encoder.encode(text));
  return concat(out.finish(), tail);
}

/**
 * A profile as profile.proto packed with gzip, as every tool expects the file.
 *
 * @example
 * import { writeFileSync } from 'node:fs';
 * import { openFile, packPprof, readProfileText } from 'stanch';
 *
 * writeFileSync('goroutine.pb.gz', await packPprof(await readProfileText(openFile('goroutine-debug1.txt'))));
 */
export async function packPprof(profile: StackProfile): Promise<Uint8Array> {
  const packed = new Blob([new Uint8Array(writePprof(profile))])
    .stream()
    .pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const all = new Uint8Array(head.length + tail.length);
  all.set(head);
  all.set(tail, head.length);
  return all;
}

function valueType({ type, unit }: ValueType, texts: TextTable): Uint8Array {
  const message = new ProtoWriter();
  message.int(1, texts.indexOf(type));
  message.int(2, texts.indexOf(unit));
  return message.finish();
}

function writeSamples(profile: StackProfile, out: ProtoWriter, message: ProtoWriter): void {
  const { sampleCount, sampleStack, firstFrame, stackLocation, values, firstLabel, labels } = profile;
  const width = profile.sampleTypes.length;
  const label = new ProtoWriter();
  for (let sample = 0; sample < sampleCount; sample++) {
    const stack = sampleStack[sample]!;
    message.clear();
    const locations = stackLocation.subarray(firstFrame[stack]!, firstFrame[stack + 1]!);
    message.packed(
      1,
      locations.map((location) => location + 1),
    );
    message.packed(2, values.subarray(sample * width, (sample + 1) * width));
    for (let row = firstLabel[sample]!; row < firstLabel[sample + 1]!; row++) {
      label.clear();
      label.int(1, labels.key[row]!);
      if (labels.text[row] === NUMERIC) label.int(3, labels.number[row]!);
      else label.int(2, labels.text[row]!);
      label.int(4, labels.unit[row]!);
      message.bytesField(3, label.finish());
    }
    out.bytesField(2, message.finish());
  }
}

function writeLocations({ locations, lines }: StackProfile, out: ProtoWriter, message: ProtoWriter): void {
  const line = new ProtoWriter();
  for (let location = 0; location < locations.count; location++) {
    const mapping = locations.mapping[location]!;
    message.clear();
    message.int(1, location + 1);
    message.int(2, mapping === NONE ? 0 : mapping + 1);
    message.int(3, locations.address[location]!);
    for (let row = locations.firstLine[location]!; row < locations.firstLine[location + 1]!; row++) {
      if (lines.function[row] === NONE) continue;
      line.clear();
      line.int(1, lines.function[row]! + 1);
      line.int(2, lines.line[row]!);
      line.int(3, lines.column[row]!);
      message.bytesField(4, line.finish());
    }
    message.int(5, locations.folded[location]!);
    out.bytesField(4, message.finish());
  }
}

function writeFunctions({ functions }: StackProfile, out: ProtoWriter, message: ProtoWriter): void {
  for (let fn = 0; fn < functions.count; fn++) {
    message.clear();
    message.int(1, fn + 1);
    message.int(2, functions.name[fn]!);
    message.int(3, functions.systemName[fn]!);
    message.int(4, functions.file[fn]!);
    message.int(5, functions.startLine[fn]!);
    out.bytesField(5, message.finish());
  }
}

function writeHeader(profile: StackProfile, texts: TextTable): Uint8Array {
  const out = new ProtoWriter();
  out.int(7, texts.indexOf(profile.dropFrames));
  out.int(8, texts.indexOf(profile.keepFrames));
  out.int(9, profile.timeNanos);
  out.int(10, profile.durationNanos);
  if (profile.periodType) out.bytesField(11, valueType(profile.periodType, texts));
  out.int(12, profile.period);
  out.packed(
    13,
    profile.comments.map((comment) => texts.indexOf(comment)),
  );
  out.int(14, texts.indexOf(profile.defaultSampleType));
  out.int(15, texts.indexOf(profile.docUrl));
  return out.finish();
}

/** The texts of the profile in their order, and behind them those that stand outside its table. */
class TextTable {
  readonly all: string[];
  private readonly index: Map<string, number> = new Map();

  constructor(strings: readonly string[]) {
    this.all = [...strings];
    strings.forEach((text, row) => {
      if (!this.index.has(text)) this.index.set(text, row);
    });
  }

  indexOf(text: string): number {
    let row = this.index.get(text);
    if (row === undefined) {
      row = this.all.push(text) - 1;
      this.index.set(text, row);
    }
    return row;
  }
}
