import { walk } from './walk.ts';

await walk({
  heading: 'CollabCanvas',
  lab: 'collabcanvas',
  named: ['presence.handler.js:32', 'presence.service.js:60', /fixed/],
});
