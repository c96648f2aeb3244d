import { describe, expect, it } from 'vitest';
import { isVia, ownSettings, serverUrls } from './via.ts';

describe('how a cluster comes', () => {
  it('is a setting that its target never sees', () => {
    expect(ownSettings({ reads: 'x' })).toEqual({ reads: 'x' });
    expect(ownSettings({ via: 'container', reads: 'x' })).toEqual({ reads: 'x' });
    expect(ownSettings({ via: 'url', at: 'h:1', reads: 'x' })).toEqual({ reads: 'x' });
    expect([isVia({}, 'process'), isVia({ via: 'url' }, 'url')]).toEqual([true, true]);
    expect(() => ownSettings({ via: 'magic' })).toThrow('not process, container or url');
    expect(() => ownSettings({ via: 'url' })).toThrow('wants at=');
    expect(() => ownSettings({ at: 'h:1' })).toThrow('at is for via=url');
  });

  it('takes addresses and URLs', () => {
    expect(serverUrls('a:1, b:2')).toEqual([
      { address: 'a:1', login: {} },
      { address: 'b:2', login: {} },
    ]);
    expect(serverUrls('postgres://me@db:5432/test')).toEqual([
      { address: 'db:5432', login: { user: 'me', database: 'test' } },
    ]);
    for (const wrong of ['a', 'a:', '', 'a:1,,b:2']) expect(() => serverUrls(wrong)).toThrow('at:');
  });

  it('takes passwords from the environment only', () => {
    const url = 'postgres://me:s%40cret@db:5432/test';
    expect(() => serverUrls(url)).toThrow('at=env:NAME');
    expect(serverUrls('env:URL', { URL: url })[0]!.login.password).toBe('s@cret');
    expect(() => serverUrls('env:NONE', {})).toThrow('NONE is not in the environment');
  });
});
