import { expect, test } from 'vitest';
import { diagnoseCode } from '../../go/testing/diagnose-code.ts';

const leaks = [
  {
    name: 'a range over a ticker’s channel, though the ticker is stopped',
    code: `func (s *Service) Start() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	go func() { //go
		for range t.C { //wait
			s.report()
		}
	}()
}`,
  },
  {
    name: 'a select without a stop case',
    code: `func (s *Service) Start() {
	t := time.NewTicker(time.Second)
	go func() { //go
		for {
			select { //wait
			case <-s.changes:
				s.sync()
			case <-t.C:
				s.poll()
			}
		}
	}()
}`,
    state: 'select',
  },
  {
    name: 'a sleep in an endless loop',
    code: `func (s *Service) Start() {
	go func() { //go
		for {
			s.clean()
			time.Sleep(time.Minute) //wait
		}
	}()
}`,
    state: 'sleep',
  },
  {
    name: 'a stop channel that nothing closes',
    code: `func (s *Service) Start() {
	go func() { //go
		for {
			select { //wait
			case <-time.After(time.Second):
				s.poll()
			case <-s.stopped:
				return
			}
		}
	}()
}`,
    state: 'select',
  },
];

test.each(leaks)('leaks: $name', async ({ code, state }) => {
  const { verdict, findings } = await diagnoseCode(code, state);
  expect(verdict).toBe('leak');
  expect(findings).toMatchObject([
    { pattern: 'goroutine-runaway', location: { file: 'app/service.go', role: 'adds' } },
  ]);
  expect(findings[0]!.alsoSee).toContainEqual(expect.objectContaining({ role: 'holds' }));
});

const clean = [
  {
    name: 'a loop that a closed channel ends',
    code: `func (s *Service) Start() {
	go func() { //go
		for {
			select { //wait
			case <-time.After(time.Second):
				s.poll()
			case <-s.stopped:
				return
			}
		}
	}()
}
func (s *Service) Close() { close(s.stopped) }`,
    state: 'select',
  },
  {
    name: 'workers that take tasks from a shared channel',
    code: `func (s *Service) Start() {
	go func() { //go
		for task := range s.tasks { //wait
			task()
		}
	}()
}`,
  },
  {
    name: 'a loop that counts to an end',
    code: `func (s *Service) Start() {
	go func() { //go
		for i := 0; i < 10; i++ {
			time.Sleep(time.Second) //wait
			if s.try() {
				return
			}
		}
	}()
}`,
    state: 'sleep',
  },
];

test.each(clean)('clean: $name', async ({ code, state }) => {
  const { verdict, findings } = await diagnoseCode(code, state);
  expect(verdict).not.toBe('leak');
  expect(findings.map(({ pattern }) => pattern)).not.toContain('goroutine-runaway');
});

test('clean: one ticker loop for the whole service', async () => {
  const { verdict, findings } = await diagnoseCode(leaks[0]!.code, 'chan receive', [1, 1, 1]);
  expect([verdict, findings]).toEqual(['no-leak', []]);
});
