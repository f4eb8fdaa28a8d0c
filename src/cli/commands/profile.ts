import { writeFile } from 'node:fs/promises';
import { type Command, Option } from '@commander-js/extra-typings';
import { toFolded } from '../../analysis/stacks/export-folded.ts';
import { toSpeedscope } from '../../analysis/stacks/export-speedscope.ts';
import { labelTotals } from '../../analysis/stacks/label-values.ts';
import { mergeProfiles } from '../../analysis/stacks/merge.ts';
import { top } from '../../analysis/stacks/top.ts';
import { UsageError } from '../../base/errors.ts';
import { packPprof } from '../../formats/pprof/write.ts';
import { type StackProfile, sampleTypeIndex } from '../../model/stack-profile.ts';
import { findEvidence } from '../../sources/find-evidence.ts';
import type { Context } from '../context.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { jsonText } from '../render/json.ts';
import { labelLines, topLines } from '../render/profile.ts';
import { paint } from '../render/text.ts';

const SHOWN = 25;
const EXPORTS = ['pprof', 'folded', 'speedscope'] as const;

/** `stanch profile`: what a profile says, by function or line; several of one kind are merged. */
export function profileCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('profile', context, [
    ['stanch profile heap.pb.gz --lines', 'the lines that keep most'],
    [
      'stanch profile heap.pb.gz --sample-type alloc_space --focus storage',
      'what was allocated below storage',
    ],
    ['stanch profile snapshot.pickle --export folded -o heap.folded', 'for a flame graph'],
  ])
    .description('show a profile by function or line, or write it in another format')
    .argument('<profiles...>', 'pprof, Go text, tracemalloc, memray; several are merged; - is standard input')
    .option('--lines', 'by line rather than by function')
    .option('--sample-type <name>', 'which value (inuse_space, alloc_objects, …)')
    .addOption(
      new Option('--sort <by>', 'largest first by')
        .choices(['flat', 'cum'] as const)
        .default('flat' as const),
    )
    .option('--focus <regexp>', 'only stacks with a frame that matches')
    .option('--ignore <regexp>', 'no stacks with a frame that matches')
    .option('--hide <regexp>', 'leave out frames that match')
    .option('--tags', 'sum up by labels')
    .addOption(new Option('--export <format>', 'write it in another format').choices(EXPORTS))
    .option('-o, --output <file>', 'where to write it; standard output when absent')
    .option('--limit <n>', `at most so many rows (${SHOWN})`, wholeNumber)
    .option('--json', 'one JSON document on standard output')
    .action(async (paths, options) => {
      const { lines, sampleType, sort, limit = SHOWN, tags, json } = options;
      const profile = await merged(paths, output.stdin);
      if (options.export) {
        const bytes = await exported(profile, options.export, sampleType);
        if (options.output) await writeFile(options.output, bytes, { mode: 0o600 });
        else if (typeof bytes === 'string') output.result(bytes);
        else
          throw new UsageError('a packed profile is no text', 'say where it shall be written: -o heap.pb.gz');
        return;
      }
      const asked = {
        ...(sampleType === undefined ? {} : { sampleType }),
        ...(options.focus === undefined ? {} : { focus: options.focus }),
        ...(options.ignore === undefined ? {} : { ignore: options.ignore }),
        ...(options.hide === undefined ? {} : { hide: options.hide }),
      };
      if (tags) {
        const totals = labelTotals(profile, typeOf(profile, sampleType));
        const document = { schema: 'stanch/profile-tags@1', file: profile.file, tags: totals };
        output.result(
          json ? jsonText(document) : paint(labelLines(totals, limit, output.width), output.colours),
        );
        return;
      }
      const table = top(profile, { ...asked, granularity: lines ? 'lines' : 'functions', sortBy: sort });
      const { file, format, sampleTypes, warnings } = profile;
      const document = { schema: 'stanch/profile@1', file, format, sampleTypes, warnings, ...table };
      output.result(
        json ? jsonText(document) : paint(topLines(file, table, limit, output.width), output.colours),
      );
    });
  return command as unknown as Command;
}

async function merged(paths: readonly string[], stdin: AsyncIterable<Uint8Array>): Promise<StackProfile> {
  const { profiles } = await findEvidence(paths, { stdin });
  const read: StackProfile[] = [];
  for (const item of profiles) {
    const content = await item.load({});
    if (content.kind === 'stack-profile') read.push(content.profile);
  }
  if (read.length === 0) {
    throw new UsageError(
      'no profile among the evidence',
      'heap dumps: stanch objects; goroutine dumps: stanch diagnose',
    );
  }
  return read.length === 1 ? read[0]! : mergeProfiles(read);
}

function typeOf(profile: StackProfile, wanted: string | undefined): number {
  const type = sampleTypeIndex(profile, wanted);
  if (type >= 0) return type;
  const known = profile.sampleTypes.map((each) => each.type).join(', ');
  throw new UsageError(`${profile.file} has no sample type ${wanted}`, `it has ${known}`);
}

async function exported(
  profile: StackProfile,
  format: (typeof EXPORTS)[number],
  sampleType: string | undefined,
): Promise<Uint8Array | string> {
  if (format === 'pprof') return packPprof(profile);
  const type = typeOf(profile, sampleType);
  return format === 'folded' ? toFolded(profile, type) : `${JSON.stringify(toSpeedscope(profile, type))}\n`;
}
