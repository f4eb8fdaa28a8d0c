import { walk } from './walk.ts';

await walk({
  heading: 'La Factoria',
  lab: 'lafactoria',
  named: ['content_service.py:21', 'session_service.py:18', /fixed/],
});
