import type { Browser } from 'playwright-core';
import { EXIT, StanchError } from '../../base/errors.ts';
import type { Driver } from '../drive.ts';
import type { Probe } from '../probes/probe.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { findChromium } from './find-chromium.ts';
import { openTab, type Tab, tabsProbe } from './tabs-probe.ts';

/** A browser with as many tabs as operations go on at the same time. */
export interface BrowserLanes {
  readonly driver: Driver;
  /** Measures the pages themselves. */
  readonly probe: Probe;
  close(): Promise<void>;
}

/**
 * Starts the system's Chromium. Each tab does its share of the operations, one after the other, and stays open from round to round.
 *
 * @throws StanchError `no-browser`, `no-playwright`
 */
export async function browserLanes(
  scenario: Scenario,
  context: ScenarioContext,
  chromium?: string,
): Promise<BrowserLanes> {
  const { signal, concurrency } = context;
  const browser = await launch(findChromium(chromium), signal);
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', abort);
    await browser.close().catch(() => undefined);
  };
  const abort = (): void => void browser.close().catch(() => undefined);
  signal.addEventListener('abort', abort, { once: true });
  try {
    const window = await browser.newContext();
    const tabs: Tab[] = [];
    for (let number = 0; number < concurrency; number++) {
      signal.throwIfAborted();
      tabs.push(await openTab(await window.newPage()));
    }
    return { driver: tabsDriver(scenario, context, tabs), probe: tabsProbe(tabs, browser.version()), close };
  } catch (error) {
    await close();
    signal.throwIfAborted();
    throw error;
  }
}

function tabsDriver(scenario: Scenario, context: ScenarioContext, tabs: readonly Tab[]): Driver {
  const name = scenario.name ?? 'operation';
  let from = 0;
  return async (operations) => {
    const end = from + operations;
    const first = from;
    from = end;
    const results = await Promise.allSettled(
      tabs.map(async ({ page }, number) => {
        for (let index = first + number; index < end; index += tabs.length) {
          context.signal.throwIfAborted();
          await scenario.browser!(page, index, context);
        }
      }),
    );
    context.signal.throwIfAborted();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    // Full evidence is of the first tab, and of those that share its heap.
    const isolates = await Promise.all(tabs.map((tab) => tab.isolate()));
    const observed = isolates.reduce(
      (sum, isolate, number) =>
        isolate === isolates[0] ? sum + Math.ceil(Math.max(0, operations - number) / tabs.length) : sum,
      0,
    );
    return tabs.length === 1
      ? { [name]: operations }
      : { [name]: operations, [`${name} in the tab that was looked into`]: observed };
  };
}

async function launch(executablePath: string, signal: AbortSignal): Promise<Browser> {
  const { chromium } = await playwright();
  signal.throwIfAborted();
  return chromium.launch({
    executablePath,
    // The sandbox of Chromium refuses to run as root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

/** It is no dependency: only who measures pages needs it. */
async function playwright(): Promise<typeof import('playwright-core')> {
  const name = 'playwright-core';
  try {
    return (await import(name)) as typeof import('playwright-core');
  } catch {
    throw new StanchError('a browser scenario needs playwright-core, which is not installed', {
      code: 'no-playwright',
      exitCode: EXIT.usage,
      hint: 'npm install --save-dev playwright-core; it uses the Chromium of the system and downloads none',
    });
  }
}
