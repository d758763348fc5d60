import { isId } from '@mcpstack/contracts';
import { userIdOf } from './user-id.ts';

describe('who a person is', () => {
  const id = userIdOf('https://login.example.com', 'subject-1');

  it('issuer and subject, always the same', () => {
    expect(isId('user', id)).toBe(true);
    // Stored in events for ever: another function would make strangers of everybody.
    expect(id).toBe('user_4hoA5x8hgcPbSwNOnbFVsq');
  });

  it.each([
    ['another subject', 'https://login.example.com', 'subject-2'],
    ['another issuer', 'https://login.example.org', 'subject-1'],
    ['another spelling of the subject', 'https://login.example.com', 'Subject-1'],
    ['another spelling of the issuer', 'https://login.example.com/', 'subject-1'],
    ['the border elsewhere', 'https://login.example.coms', 'ubject-1'],
    ['the border elsewhere, in JSON', 'https://login.example.com","', 'subject-1'],
  ])('is somebody else with %s', (_, issuer, subject) => {
    expect(userIdOf(issuer, subject)).not.toBe(id);
  });
});
