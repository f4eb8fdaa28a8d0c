/** Where a word puts a thing in its life. */
export type Stage = 'open' | 'close' | null;

const OPEN =
  /^(?:re)?(?:open(?:ed|ing)?|start(?:ed|ing)?|connect(?:ed|ing)?|creat(?:ed?|ing)|add(?:ed|ing)?|attach(?:ed|ing)?|acquir(?:ed?|ing)|subscrib(?:ed?|ing)|register(?:ed|ing)?|join(?:ed|ing)?|initiat(?:ed?|ing)|begins?|began|begun|spawn(?:ed|ing)?|allocat(?:ed?|ing)|accept(?:ed|ing)?|borrow(?:ed|ing)?|enqueued?|login|logged-in|established|launched|tracking|checked-out|received-request)$/i;
const CLOSE =
  /^(?:clos(?:ed?|ing)|complet(?:ed?|ing|ion)|disconnect(?:ed|ing)?|finish(?:ed|ing)?|end(?:ed|ing)?|remov(?:ed?|ing|al)|detach(?:ed|ing)?|releas(?:ed?|ing)|destroy(?:ed|ing)?|delet(?:ed?|ing)|unsubscrib(?:ed?|ing)|unregister(?:ed|ing)?|deregister(?:ed|ing)?|left|leav(?:es|ing)|stop(?:ped|ping)?|don|done|expir(?:ed?|ing)|freed?|terminat(?:ed?|ing)|return(?:ed|ing)?|dequeued?|logout|logged-out|aborted|cancell?ed|dropped|evicted|exited|shutdown|failed|checked-in|timed-out|succeeded)$/i;

/** The stage that one word of a log line stands for. */
export function stageOf(word: string): Stage {
  const bare = word.replace(/^\W+|\W+$/g, '');
  if (CLOSE.test(bare)) return 'close';
  return OPEN.test(bare) ? 'open' : null;
}

export interface MessageStage {
  readonly stage: Stage;
  readonly about: string;
}

/** The stage that a message stands for, and what it is about: the words but for the verb, singular, in lower case. */
export function stageOfMessage(message: string): MessageStage {
  const words = message
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(/[\w.-]+=\S+/g, ' ')
    .split(/[^A-Za-z'-]+/)
    .filter((word) => word !== '');
  for (const [at, word] of words.slice(0, 8).entries()) {
    const stage = stageOf(word);
    if (stage === null) continue;
    const nouns = at === 0 ? words.slice(1, 4) : words.slice(Math.max(0, at - 2), at);
    return { stage, about: nouns.map(singular).join(' ') };
  }
  return { stage: null, about: '' };
}

function singular(word: string): string {
  const lower = word.toLowerCase();
  return lower.length > 3 && lower.endsWith('s') && !lower.endsWith('ss') ? lower.slice(0, -1) : lower;
}
