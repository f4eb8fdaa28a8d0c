import type { AnySection } from '../section.ts';
import { alert } from './alert.ts';
import { causes } from './causes.ts';
import { claims } from './claims.ts';
import { correlations } from './correlations.ts';
import { evidence } from './evidence.ts';
import { files } from './files.ts';
import { followUps } from './follow-ups.ts';
import { growth } from './growth.ts';
import { memory } from './memory.ts';
import { missing } from './missing.ts';
import { mitigations } from './mitigations.ts';
import { reproduction } from './reproduction.ts';
import { summary } from './summary.ts';
import { timeline } from './timeline.ts';
import { verification } from './verification.ts';

/** In the order of the page. */
export const SECTIONS: readonly AnySection[] = [
  summary,
  alert,
  timeline,
  memory,
  correlations,
  growth,
  causes,
  files,
  claims,
  reproduction,
  mitigations,
  verification,
  followUps,
  missing,
  evidence,
];
