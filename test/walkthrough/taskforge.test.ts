import { walk } from './walk.ts';

await walk({
  heading: 'TaskForge',
  lab: 'taskforge',
  named: ['notification_service.rb:51', 'task_service.rb:22', /fixed/],
});
