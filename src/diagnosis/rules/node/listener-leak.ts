import type { SourceLocation } from '../../../model/source-location.ts';
import { literally, type Rule, type Suspect } from '../rule.ts';

/** Handlers pile up on an emitter, an EventTarget or an AbortSignal that lives longer than they should. */
export const listenerLeak: Rule = {
  id: 'listener-leak',
  runtime: 'node',
  pattern: 'listener-leak',
  match(suspect) {
    const emitter = emitterEvents(suspect);
    if (!emitter) return null;
    const { group, members } = suspect;
    const closures = [...members.closures, ...members.callbacks].filter(
      (closure) => closure.location !== null,
    );
    const events =
      emitter.events.length === 0 ? 'an event' : emitter.events.map((event) => `'${event}'`).join(' and ');
    const holders = group.holders.length;
    const perHolder = holders > 1 ? `, on ${holders} emitters` : '';
    return {
      fit: 0.95,
      title: `Listeners for ${events} are added and never removed${perHolder}`,
      adds: closures[0]?.location ?? null,
      allocates: closures.slice(1).map((closure) => closure.location as SourceLocation),
      code: { adds: emitter.events.map(adding), removes: emitter.events.map(removing) },
      reasons: [
        ...(members.captured.length > 0
          ? [`each listener keeps ${members.captured.slice(0, 4).join(', ')} alive`]
          : []),
        ...(closures.length === 1 ? ['all of them are made by one line of code'] : []),
      ],
      against: [],
      remedy: {
        summary: `Keep the function and take it off where the life of the thing ends (disconnect, leave, close), or add it once per emitter.`,
        example: `const handler = () => { … };\nemitter.on(${events.split(' and ')[0]}, handler);\n// when it ends:\nemitter.off(${events.split(' and ')[0]}, handler);`,
      },
    };
  },
};

interface Emitter {
  readonly events: readonly string[];
}

function emitterEvents(suspect: Suspect): Emitter | null {
  const { labels, shapes } = suspect;
  // The members themselves must be listeners: `_events`, the event, perhaps a slot of its array, and nothing else.
  const from = Math.max(0, labels.length - 4);
  const events = labels.lastIndexOf('._events');
  if (
    events >= 0 &&
    labels.length - events <= 3 &&
    labels.slice(events + 1).every((label) => /^[.[]/.test(label))
  ) {
    const named = [suspect.labels[events + 1], ...suspect.group.sites.map((site) => site.label)]
      .filter((label): label is string => label?.startsWith('.') === true && label !== '.*')
      .map((label) => label.slice(1));
    return { events: [...new Set(named)] };
  }
  const target = labels.lastIndexOf('.[kEvents]');
  if (target >= 0 && shapes.slice(target).includes('Listener')) return { events: eventTypes(suspect) };
  const native = shapes.slice(from).some((shape) => shape === 'V8EventListener' || shape === 'EventListener');
  return native ? { events: [] } : null;
}

/** EventTarget keeps its listeners in a Map by type: the key stands beside the value in the table. */
function eventTypes(suspect: Suspect): string[] {
  return suspect.shapes.includes('AbortSignal') || /signal/i.test(suspect.group.owner.text) ? ['abort'] : [];
}

const QUOTE = '[\'"`]';

function adding(event: string): RegExp {
  const name = literally(event).replace(/#/g, '[^\'"`]*');
  return new RegExp(
    `\\.(?:on|once|addListener|prependListener|prependOnceListener|addEventListener)\\s*\\(\\s*${QUOTE}${name}${QUOTE}`,
  );
}

function removing(event: string): RegExp {
  const name = literally(event).replace(/#/g, '[^\'"`]*');
  return new RegExp(
    `\\.(?:off|removeListener|removeEventListener|removeAllListeners)\\s*\\(\\s*(?:${QUOTE}${name}${QUOTE}|\\))`,
  );
}
