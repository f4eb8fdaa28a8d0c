import { functionsInRows } from '../../named/functions-in-rows.ts';
import { pythonCode } from '../../named/python-code.ts';
import type { Rule } from '../rule.ts';

const LISTENERS =
  /(?:listener|receiver|handler|observer|subscriber|subscription|callback|hook|watcher|slot)s?(?:_by_\w+|list|map)?$/i;
const CALLABLE = /(?:^|\.)(?:partial|partialmethod|WeakMethod|method)$/;
/** So much of the members must be callable for a list whose name does not say what it is for. */
const MOSTLY = 0.5;

/** Handlers that are registered for each request or object, with something that lives longer, and never taken off again. */
export const listenerLeak: Rule = {
  id: 'listener-leak',
  runtime: 'python',
  pattern: 'listener-leak',
  match({ group, members, graph }) {
    const { owner } = group;
    if (!LISTENERS.test(owner.name)) return null;
    // A signal keeps a row for each receiver: what it is looked up by, the function or method, its sender.
    const inRows = functionsInRows(
      graph,
      group.sites.flatMap(({ samples }) => samples),
    );
    const callable =
      members.closures.length > 0 ||
      inRows.length > 0 ||
      members.classes.some(({ name }) => CALLABLE.test(name));
    const named = members.classes.filter(({ name }) => LISTENERS.test(name));
    const share = members.classes.length === 0 ? 0 : named.length / members.classes.length;
    if (!callable && share < MOSTLY) return null;
    const what =
      members.closures[0]?.text ?? inRows[0]?.text ?? named[0]?.name ?? members.classes[0]?.name ?? '';
    return {
      fit: 0.9,
      title: `Handlers${what ? ` (${what})` : ''} are added to ${owner.text} and never taken off`,
      adds: null,
      allocates: [...members.closures, ...inRows].flatMap(({ location }) => (location ? [location] : [])),
      code: pythonCode(owner, members.keyPatterns),
      reasons: ['a bound method keeps its object, a function what it captured'],
      against: [],
      remedy: {
        summary:
          'Register once and not per request; disconnect where the object ends, or keep weakref.WeakMethod.',
        example: 'price_changed.connect(self.on_price)\n...\nprice_changed.disconnect(self.on_price)',
      },
    };
  },
};
