import type { Role, User } from '../../../models/auth/users.ts';

/** A user of whom only a signed token speaks so far; reading anything else than `id` and `role` throws until it is confirmed. */
export interface ClaimedUser {
  /** Stands for the user, and is the user itself once it is confirmed. */
  readonly view: User;
  /** True if something was read that the token does not say. */
  readonly isAskedForMore: boolean;
  confirmed: User | undefined;
}

export function createClaimedUser(id: string, role: Role | undefined): ClaimedUser {
  return new Claimed(id, role);
}

class Claimed implements ClaimedUser, ProxyHandler<User> {
  readonly view: User;
  isAskedForMore = false;
  confirmed: User | undefined;
  readonly #id: string;
  readonly #role: Role | undefined;

  constructor(id: string, role: Role | undefined) {
    this.#id = id;
    this.#role = role;
    // The handler answers for every member.
    this.view = new Proxy({} as User, this);
  }

  get(_target: User, name: string | symbol): unknown {
    if (this.confirmed !== undefined) return Reflect.get(this.confirmed, name);
    if (name === 'id') return this.#id;
    if (name === 'role' && this.#role !== undefined) return this.#role;
    // A promise asks every value that it is given.
    if (name === 'then') return undefined;
    return this.#known()[name as keyof User];
  }

  has(_target: User, name: string | symbol): boolean {
    return Reflect.has(this.#known(), name);
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.#known());
  }

  getOwnPropertyDescriptor(_target: User, name: string | symbol): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(this.#known(), name);
  }

  #known(): User {
    if (this.confirmed !== undefined) return this.confirmed;
    this.isAskedForMore = true;
    throw new Error('the user is not confirmed yet');
  }
}
