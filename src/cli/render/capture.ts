import { basename, dirname } from 'node:path';
import { formatBytes } from '../../base/units.ts';
import type { EvidenceFile } from '../../capture/probes/evidence-file.ts';
import type { CheckState, PreFlight } from '../../capture/targets/pre-flight.ts';
import type { CapturedMoment } from '../../capture/targets/series.ts';
import { type Line, line, type Style, span } from './text.ts';
import { field, wrap } from './wrap.ts';

const SIGNS: Readonly<Record<CheckState, { sign: string; style: Style }>> = {
  ok: { sign: '✓', style: 'good' },
  ask: { sign: '!', style: 'warn-strong' },
  refused: { sign: '✗', style: 'bad-strong' },
};
const NAME_WIDTH = 10;
const SHOWN_HASH = 64;

/** What a capture would cost, for people, before it is done. */
export function preFlightLines({ target, runtime, role, kinds, checks }: PreFlight, width: number): Line[] {
  const what = `${runtime}, ${role}`;
  return [
    ...wrap(
      line(
        span(target, 'strong'),
        `  ${what}`,
        span(`  pre-flight for ${kinds.join(', ').replace(/, ([^,]*)$/, ' and $1')}`, 'dim'),
      ),
      width,
      2,
    ),
    ...checks.flatMap(({ name, state, says, hint }) => {
      const { sign, style } = SIGNS[state];
      return [
        ...field(`${sign} ${name}`, line(span(says, state === 'ok' ? 'plain' : style)), {
          indent: 2,
          nameWidth: NAME_WIDTH,
          width,
        }),
        ...(hint !== undefined && state !== 'ok'
          ? field('', line(span(hint, 'dim')), { indent: 2, nameWidth: NAME_WIDTH, width })
          : []),
      ];
    }),
  ];
}

/** One moment of the series, as it is whole. */
export function momentLines({ label, files }: CapturedMoment): Line[] {
  return files.flatMap((file, at) => fileLines(at === 0 ? label : ' ', label, file));
}

function fileLines(shown: string, label: string, { file, bytes, sha256, elapsedMs }: EvidenceFile): Line[] {
  const name = basename(dirname(file)) === label ? `${label}/${basename(file)}` : basename(file);
  const time = elapsedMs >= 1 ? `  ${(elapsedMs / 1000).toFixed(2)} s` : '';
  return [
    line(span(shown, 'strong'), `  ${name}  ${formatBytes(bytes)}${time}`),
    line(span(`   sha256 ${sha256.slice(0, SHOWN_HASH)}`, 'dim')),
  ];
}
