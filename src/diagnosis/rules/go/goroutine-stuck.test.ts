import { expect, test } from 'vitest';
import { diagnoseCode } from '../../go/testing/diagnose-code.ts';

const leaks = [
  {
    name: 'a send that nobody receives',
    state: 'chan send',
    code: `func (s *Service) Start() {
	done := make(chan error)
	go func() { //go
		done <- s.work() //wait
	}()
}`,
    why: /sends to `done` \(made at line 3, without a buffer\)/,
  },
  {
    name: 'a receive without a way out',
    state: 'chan receive',
    code: `func (s *Service) Start() {
	go func() { //go
		<-s.ready //wait
	}()
}`,
    why: /waits for `s\.ready`/,
  },
  {
    name: 'a lock that is never given back',
    state: 'sync.Mutex.Lock',
    code: `func (s *Service) Start() {
	go func() { //go
		s.mu.Lock() //wait
	}()
}`,
    why: /waits in `s\.mu\.Lock\(\)`/,
  },
  {
    name: 'a nil channel',
    state: 'chan receive (nil chan)',
    code: `func (s *Service) Start() {
	go func() { //go
		<-s.never //wait
	}()
}`,
    why: /nothing can ever wake them/,
  },
];

test.each(leaks)('leaks: $name', async ({ code, state, why }) => {
  const { verdict, findings } = await diagnoseCode(code, state);
  expect(verdict).toBe('leak');
  expect(findings).toMatchObject([{ pattern: 'goroutine-stuck' }]);
  expect(findings[0]!.reasons.join('\n')).toMatch(why);
});

const clean = [
  { name: 'as many as before', counts: [120, 120, 120] },
  { name: 'a few more', counts: [120, 121, 122] },
  { name: 'fewer', counts: [120, 80, 40] },
  { name: 'more, then no more', counts: [40, 120, 120] },
];

test.each(clean)('clean: $name', async ({ counts }) => {
  expect((await diagnoseCode(leaks[1]!.code, 'chan receive', counts)).verdict).not.toBe('leak');
});
