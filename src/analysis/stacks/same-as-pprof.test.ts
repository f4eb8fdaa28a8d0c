import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { CASES, type Case, pprofArguments, VERSIONS } from '../../../fixtures/pprof/cases.mjs';
import { parsePprof } from '../../formats/pprof/read.ts';
import type { StackProfile } from '../../model/stack-profile.ts';
import { diffProfiles } from './diff.ts';
import { mergeProfiles } from './merge.ts';
import { type TopTable, top } from './top.ts';

/*
 * Whole tables of `go tool pprof -top`, cell by cell, on profiles that programs built with several versions of Go wrote. The tables
 * committed beside the profiles are always compared; those of the installed Go are made and compared as well.
 */

const FOLDER = new URL('../../../fixtures/pprof/', import.meta.url).pathname;
const UNIT_FLAGS: Readonly<Record<string, string>> = { bytes: 'B', nanoseconds: 'ns', count: 'count' };

const path = (version: string) => (name: string) => `${FOLDER}${version}/${name}.pb.gz`;

function read(file: string): StackProfile {
  return parsePprof(gunzipSync(readFileSync(file)), file);
}

function tableOf(version: string, { files, base, mode, normalise, options }: Case): TopTable {
  const merged = mergeProfiles(files.map((file) => read(path(version)(file))));
  const wanted = files.length === 1 ? read(path(version)(files[0]!)) : merged;
  const profile = base
    ? diffProfiles(read(path(version)(base)), wanted, {
        mode: mode ?? 'compare',
        normalise: normalise ?? false,
      })
    : wanted;
  return top(profile, { ...options, maxRows: options.maxRows || Infinity });
}

/** A share as pprof prints it: `%5.2f%%`, or two significant digits below one per cent. */
function percentage(value: number, total: number): string {
  const share = total === 0 ? 0 : Math.abs(value / total) * 100;
  if (share >= 99.95 && share <= 100.05) return '100%';
  if (share >= 1) return `${share.toFixed(2)}%`;
  const short = Number(share.toPrecision(2));
  const text =
    short !== 0 && short < 1e-4 ? short.toExponential().replace(/e-(\d)$/, 'e-0$1') : String(short);
  return `${text}%`;
}

/** Our table in the columns of pprof's. */
function ourCells(table: TopTable): string[] {
  let sum = 0;
  const rows = table.rows.map(({ flat, cum, name }) => {
    sum += flat;
    const shares = [flat, sum, cum].map((value) => percentage(value, table.total));
    return `${flat} ${shares[0]} ${shares[1]} ${cum} ${shares[2]}  ${name}`;
  });
  const head = `showing ${table.shown} ${percentage(table.shown, table.total)} of ${table.total}`;
  return [head, `dropped ${table.total === 0 ? 0 : table.dropped}`, ...rows];
}

const HEAD = /^Showing nodes accounting for (-?\d+)[a-zA-Z]*, (\S+) of (-?\d+)[a-zA-Z]* total$/m;
const ROW =
  /^\s*(-?\d+)[a-zA-Z]*\s+(\S+%)\s+(\S+%)\s+(-?\d+)[a-zA-Z]*\s+(\S+%) {2}(.*?)(?: \((?:partial-)?inline\))?$/gm;

/** What pprof printed, in the same form. */
function theirCells(text: string): string[] {
  const [, shown, share, total] = HEAD.exec(text)!;
  const dropped = /^Dropped (\d+) node/m.exec(text)?.[1] ?? '0';
  const rows = Array.from(text.matchAll(ROW), ([, flat, flatShare, sumShare, cum, cumShare, name]) => {
    return `${flat} ${flatShare} ${sumShare} ${cum} ${cumShare}  ${name}`;
  });
  return [`showing ${shown} ${share} of ${total}`, `dropped ${dropped}`, ...rows];
}

function committedTables(version: string): Map<string, string> {
  const text = readFileSync(`${FOLDER}tables/${version}.txt`, 'utf8');
  return new Map(
    text
      .split(/^=== /m)
      .slice(1)
      .map((section) => [section.slice(0, section.lastIndexOf(' (', section.indexOf('\n'))), section]),
  );
}

test.for(VERSIONS)('all tables of profiles of %s are those that pprof printed', (version) => {
  const tables = committedTables(version);
  expect([...tables.keys()]).toEqual(Object.keys(CASES));
  let rowCount = 0;
  for (const [name, section] of tables) {
    const theirs = theirCells(section);
    rowCount += theirs.length - 2;
    expect(ourCells(tableOf(version, CASES[name]!)), name).toEqual(theirs);
  }
  expect(rowCount).toBeGreaterThan(600);
});

function findPprof(): string | null {
  try {
    return execFileSync('go', ['tool', '-n', 'pprof'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
}

const pprof = findPprof();

test.skipIf(pprof === null)(
  `all tables are those that the installed pprof prints${pprof === null ? ' (not tested: go)' : ''}`,
  () => {
    for (const version of VERSIONS) {
      for (const [name, test] of Object.entries(CASES)) {
        const each = { ...test, options: { ...test.options, maxRows: 0 } };
        const ours = tableOf(version, each);
        const args = pprofArguments(each, UNIT_FLAGS[ours.sampleType.unit]!, path(version));
        const text = execFileSync(pprof!, args, { encoding: 'utf8', stdio: 'pipe' });
        expect(ourCells(ours), `${version}: ${name}`).toEqual(theirCells(text));
      }
    }
  },
  120_000,
);
