const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MIN_HEX = 16;
const MIN_MIXED = 20;
/** Bits a sign: English and identifiers have below 3.5 in so short a text, base64 of random bytes above 4. */
const MIN_ENTROPY_BITS = 3.6;
const MIN_CHANGES = 5;

/** True for a word that is more likely a key, a token or an id than a name: hex, UUIDs, base64. */
export function looksRandom(word: string): boolean {
  if (UUID.test(word)) return true;
  const bare = word.replace(/=+$/, '');
  if (/^[0-9a-f]+$/i.test(bare)) return bare.length >= MIN_HEX && /\d/.test(bare) && /[a-f]/i.test(bare);
  if (bare.length < MIN_MIXED || !/\d/.test(bare)) return false;
  return classChanges(bare) >= MIN_CHANGES && entropyBits(bare) >= MIN_ENTROPY_BITS;
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
