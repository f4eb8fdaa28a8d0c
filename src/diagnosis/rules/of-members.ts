import type { SourceLocation } from '../../model/source-location.ts';
import type { MemberProfile } from '../dialect.ts';

/** Where the classes of the members are written: they are made there or near there. */
export function placesOfClasses({ classes }: MemberProfile): SourceLocation[] {
  return classes.flatMap(({ location }) => (location ? [location] : []));
}

/** How the newest keys look, as a reason; none where there are no keys. */
export function keyReasons({ keyPatterns }: MemberProfile): string[] {
  return keyPatterns.length > 0 ? [`newest keys look like ${keyPatterns.join(', ')}`] : [];
}
