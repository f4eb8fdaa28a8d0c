import { existsSync } from 'node:fs';
import { EXIT, StanchError } from '../../base/errors.ts';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * The browser of the system: as told, by `STANCH_CHROMIUM`, or where distributions put it. Stanch downloads none.
 *
 * @throws StanchError `no-browser` (exit code 4)
 */
export function findChromium(told?: string): string {
  const wanted = told ?? process.env['STANCH_CHROMIUM'];
  const found = wanted === undefined ? PLACES.find((place) => existsSync(place)) : wanted;
  if (found !== undefined && existsSync(found)) return found;
  throw new StanchError(
    wanted === undefined ? 'no Chromium was found' : `${wanted}: there is no such browser`,
    {
      code: 'no-browser',
      exitCode: EXIT.unreachable,
      hint: 'install it (apt-get install chromium), or say where it is with --chromium PATH',
    },
  );
}
