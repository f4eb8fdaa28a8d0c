const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MIN_HEX = 16;
const MIN_MIXED = 20;
/** Bits a sign: English and identifiers have below 3.5 in so short a text, base64 of random bytes above 4. */
const MIN_ENTROPY_BITS = 3.6;
const MIN_CHANGES = 5;
const MIN_BASE64 = 32;
/** A key of 64 signs has one slash. */
const MOST_PARTS = 8;
const MIN_CHANGING_SHARE = 0.32;
const AWS_SECRET = 40;
const MIN_CHANGING_SHARE_OF_KEYS = 0.22;

/** True for a word that is more likely a key, a token or an id than a name: hex, UUIDs, base64. */
export function looksRandom(word: string): boolean {
  if (UUID.test(word)) return true;
  const bare = word.replace(/=+$/, '');
  if (/^[0-9a-f]+$/i.test(bare)) return bare.length >= MIN_HEX && /\d/.test(bare) && /[a-f]/i.test(bare);
  if (bare.length < MIN_MIXED || !/\d/.test(bare)) return false;
  return classChanges(bare) >= MIN_CHANGES && entropyBits(bare) >= MIN_ENTROPY_BITS;
}

/** The runs of parts between slashes that look like base64 of random bytes; in time that grows with the length only. */
export function randomRuns(path: string): string[] {
  if (isRandomRun(path)) return [path];
  const parts = path.split('/');
  const runs: string[] = [];
  for (let from = 0; from < parts.length; ) {
    let count = Math.min(MOST_PARTS, parts.length - from);
    while (count > 0 && !isRandomRun(parts.slice(from, from + count).join('/'))) count--;
    if (count > 0) runs.push(parts.slice(from, from + count).join('/'));
    from += Math.max(1, count);
  }
  return runs;
}

function isRandomRun(text: string): boolean {
  return text.length >= MIN_BASE64 && hasRandomParts(text);
}

/**
 * The same for long base64, which has slashes as paths have them: within the parts of a path, behind their first sign, the kind of sign
 * changes only where a new word begins; in random signs it changes three times of five.
 */
function hasRandomParts(text: string): boolean {
  let [changes, pairs] = [0, 0];
  for (const part of text.split('/')) {
    for (let at = 2; at < part.length; at++) {
      pairs++;
      if (classOf(part[at - 1]!) !== classOf(part[at]!)) changes++;
    }
  }
  // Exactly so long are secret keys of AWS: there, less will do.
  const isKey = text.length === AWS_SECRET && /[\d+]/.test(text);
  return (
    changes >= pairs * (isKey ? MIN_CHANGING_SHARE_OF_KEYS : MIN_CHANGING_SHARE) &&
    entropyBits(text) >= MIN_ENTROPY_BITS
  );
}

/** How often letters and digits, or small and large letters within a word, take turns: names do it at the joints only. */
function classChanges(word: string): number {
  let changes = 0;
  for (let at = 1; at < word.length; at++) {
    const [before, now] = [classOf(word[at - 1]!), classOf(word[at]!)];
    // `userName` has a joint at a large letter; that alone is no sign.
    if (
      before !== now &&
      before !== '-' &&
      now !== '-' &&
      !(before === 'a' && now === 'A') &&
      !(before === 'A' && now === 'a')
    )
      changes++;
    else if (before === 'A' && now === 'a' && at > 1 && classOf(word[at - 2]!) === '0') changes++;
  }
  return changes;
}

function classOf(sign: string): string {
  if (/\d/.test(sign)) return '0';
  if (/[A-Z]/.test(sign)) return 'A';
  return /[a-z]/.test(sign) ? 'a' : '-';
}

function entropyBits(word: string): number {
  const counts = new Map<string, number>();
  for (const sign of word) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / word.length) * Math.log2(count / word.length);
  return bits;
}

/** Luhn's check, which card numbers pass and nine of ten other numbers do not. */
export function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]) * (at % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return digits.length >= 13 && sum % 10 === 0;
}

/** The check of an IBAN (ISO 7064, modulo 97), which one of 97 other texts passes. */
export function isBankAccount(text: string): boolean {
  const signs = text.replaceAll(' ', '');
  let rest = 0;
  for (const sign of signs.slice(4) + signs.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return signs.length >= 15 && rest === 1;
}
