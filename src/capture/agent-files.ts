import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with the agents, from wherever in the package the bundler has put this file. */
function agentsFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const agents = join(folder, 'agents');
    if (existsSync(join(agents, 'python', 'stanch_agent.py'))) return agents;
    if (dirname(folder) === folder) throw new Error('this package has lost its agents');
  }
}

/** The text of the Python agent. */
export function pythonAgentText(): string {
  return readFileSync(join(agentsFolder(), 'python', 'stanch_agent.py'), 'utf8');
}

/** The Ruby agent as one text: what its files require of each other stands where it is required. */
export function rubyAgentText(): string {
  const seen = new Set<string>();
  const expand = (file: string): string => {
    if (seen.has(file)) return '';
    seen.add(file);
    return readFileSync(file, 'utf8').replace(/^require_relative '([\w/]+)'$/gm, (_, name: string) =>
      expand(join(dirname(file), `${name}.rb`)),
    );
  };
  return `# frozen_string_literal: true\n${expand(join(agentsFolder(), 'ruby', 'lib', 'stanch_agent.rb'))}`;
}
