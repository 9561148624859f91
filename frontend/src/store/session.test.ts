import { beforeEach, describe, expect, test, vi } from 'vitest';
import { inAnHour, tokenOf } from '@/test/token';
import { useIntegrationStore } from './integration';
import { holderOf, onSignOut, useSession } from './session';

const claims = (more = {}) => ({ sub: 'سارة', role: 'administrator', tenant_id: 't-1', exp: inAnHour(), ...more });

beforeEach(() => useSession.getState().signOut());

test('a token says who holds it, in any letters', () => {
  expect(holderOf(tokenOf(claims()))).toMatchObject({
    subject: 'سارة',
    role: 'administrator',
    tenant: 't-1',
  });
});

test.each(['', 'a.b', 'a.b.c', 'e30.e30.x', `x.${btoa('null')}.x`, `x.${btoa('{"role":1}')}.x`, 'not a token at all'])(
  '%s is no token',
  (text) => expect(holderOf(text)).toBeNull(),
);

describe('signing in', () => {
  test('keeps the token in the tab alone', () => {
    const token = tokenOf(claims({ sub: 'sara' }));
    useSession.getState().signIn(token);
    expect(sessionStorage.getItem('trainflow.token')).toBe(token);
    expect(JSON.stringify({ ...localStorage })).not.toContain(token);
    expect(location.href).not.toContain(token);
  });

  test('again as the same person keeps what was typed', () => {
    useSession.getState().signIn(tokenOf(claims({ sub: 'sara' })));
    useIntegrationStore.getState().keepDraft('create', { name: 'HR' });
    useSession.getState().expire(useSession.getState().signIns);
    expect(useSession.getState()).toMatchObject({ token: null, isExpired: true });
    expect(sessionStorage.getItem('trainflow.token')).toBeNull();
    useSession.getState().signIn(tokenOf(claims({ sub: 'sara', exp: inAnHour() + 60 })));
    expect(useSession.getState().isExpired).toBe(false);
    expect(useIntegrationStore.getState().drafts).toEqual({ create: { name: 'HR' } });
  });

  test.each([{ sub: 'omar' }, { sub: 'sara', tenant_id: 't-2' }])('as %o forgets it', (other) => {
    useSession.getState().signIn(tokenOf(claims({ sub: 'sara' })));
    useIntegrationStore.getState().keepDraft('create', { name: 'HR' });
    useSession.getState().expire(useSession.getState().signIns);
    useSession.getState().signIn(tokenOf(claims(other)));
    expect(useIntegrationStore.getState().drafts).toEqual({});
  });

  test('after a reload as somebody else forgets it too', async () => {
    useSession.getState().signIn(tokenOf(claims({ sub: 'sara' })));
    useIntegrationStore.getState().keepDraft('create', { name: 'HR' });
    useSession.getState().expire(useSession.getState().signIns);
    vi.resetModules();
    const { useSession: anew } = await import('./session');
    const { useIntegrationStore: kept } = await import('./integration');
    expect(kept.getState().drafts).toEqual({ create: { name: 'HR' } });
    anew.getState().signIn(tokenOf(claims({ sub: 'omar' })));
    expect(kept.getState().drafts).toEqual({});
  });

  test('is not undone by a refusal of the token before', () => {
    useSession.getState().signIn(tokenOf(claims()));
    const { signIns } = useSession.getState();
    useSession.getState().expire(signIns);
    useSession.getState().signIn(tokenOf(claims()));
    useSession.getState().expire(signIns);
    expect(useSession.getState()).toMatchObject({ isExpired: false });
    expect(useSession.getState().token).not.toBeNull();
  });

  test('out forgets everything of the tenant', () => {
    const forget = vi.fn();
    onSignOut(forget);
    useSession.getState().signIn(tokenOf(claims()));
    useIntegrationStore.getState().keepDraft('create', { name: 'HR' });
    useSession.getState().signOut();
    expect(forget).toHaveBeenCalled();
    expect(useSession.getState()).toMatchObject({ token: null, holder: null, isExpired: false });
    expect(JSON.stringify({ ...sessionStorage })).not.toContain('HR');
  });
});
