/** Preferences of every user seen so far, read once from the database and kept. */
export class PreferenceStore {
  constructor() {
    this.byUser = new Map();
  }

  /** @param {{id: string, serial: number}} user */
  load(user) {
    const known = this.byUser.get(user.id);
    if (known) return known;
    const preferences = {
      theme: user.serial % 2 === 0 ? 'dark' : 'light',
      language: `lang-${user.serial}`,
      toolbar: { pinned: [`tool-${user.serial}`, 'pen', 'select'], collapsed: false },
      shortcuts: { undo: `ctrl+z#${user.serial}`, redo: 'ctrl+y' },
    };
    this.byUser.set(user.id, preferences);
    return preferences;
  }
}
