import type { Command } from '@commander-js/extra-typings';
import { compareFiles } from '../../library/compare-files.ts';
import { compareProfiles } from '../../library/compare-profiles.ts';
import { findEvidence } from '../../sources/find-evidence.ts';
import type { Context } from '../context.ts';
import { newCommand, wholeNumber } from '../new-command.ts';
import { Progress } from '../progress.ts';
import { type DiffDocument, diffLines } from '../render/diff.ts';
import { jsonText } from '../render/json.ts';
import { profileDiffLines } from '../render/profile-diff.ts';
import { paint } from '../render/text.ts';

const SHOWN_CLASSES = 25;

/** `stanch diff`: what grew, by class and by object. */
export function diffCommand(context: Context): Command {
  const { output } = context;
  const command = newCommand('diff', context, [
    ['stanch diff before.heapsnapshot after.heapsnapshot', 'what grew, what is new, what is gone'],
    [
      'stanch diff A.heapsnapshot B.heapsnapshot C.heapsnapshot --limit 50',
      'growth over three dumps, 50 classes',
    ],
    ['stanch diff base.pb.gz heap.pb.gz --lines', 'two pprof profiles, by line of code'],
  ])
    .description('say what grew between two or more dumps')
    .argument('<dumps...>', 'two or more dumps, or a folder of them; - is standard input')
    .option(
      '--limit <n>',
      `at most so many classes in the text (${SHOWN_CLASSES}); JSON holds all`,
      wholeNumber,
    )
    .option('--partial', 'use the readable part of truncated dumps')
    .option('--json', 'one JSON document on standard output')
    .option('--lines', 'of profiles: by line rather than by function')
    .option('--sample-type <name>', 'of profiles: which value (inuse_space, alloc_objects, …)')
    .option('--normalise', 'of profiles: scale the later one to the sum of the earlier')
    .option('--focus <regexp>', 'of profiles: only stacks with a frame that matches')
    .option('--ignore <regexp>', 'of profiles: no stacks with a frame that matches')
    .option('--hide <regexp>', 'of profiles: leave out frames that match')
    .action(async (paths, { json, limit, partial, ...profileOptions }) => {
      const progress = new Progress(output);
      const found = await findEvidence(paths, { partial, stdin: output.stdin });
      if (found.dumps.length === 0) {
        const { lines, ...options } = profileOptions;
        const diff = await compareProfiles(found, {
          ...options,
          granularity: lines ? 'lines' : 'functions',
        }).finally(() => progress.end());
        output.result(
          json
            ? jsonText({ schema: 'stanch/profile-diff@1', ...diff })
            : paint(profileDiffLines(diff, limit ?? SHOWN_CLASSES, output.width), output.colours),
        );
        return;
      }
      const { diff, evidence } = await compareFiles(paths, {
        found,
        onProgress: progress.report,
      }).finally(() => progress.end());
      const document: DiffDocument = {
        schema: 'stanch/diff@1',
        evidence: evidence.dumps.map(({ label, file, format, sizeBytes, at }) => ({
          label,
          file,
          format,
          bytes: sizeBytes,
          at,
        })),
        unreadable: evidence.unreadable,
        notes: evidence.notes,
        ...diff,
      };
      output.result(
        json
          ? jsonText(document)
          : paint(diffLines(document, limit ?? SHOWN_CLASSES, output.width), output.colours),
      );
    });
  return command as unknown as Command;
}
