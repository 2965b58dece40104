import { MEMBERSHIP_ROLES } from '../models/memberships.ts';
import { closed, enumOf, Id, Timestamp } from './common.ts';
import { type Static, Type } from './type.ts';

const ClubId = Id;
const UserId = Id;
const Role = enumOf(MEMBERSHIP_ROLES);

export type Membership = Static<typeof Membership>;
export const Membership = Type.Object(
  {
    id: Id,
    club_id: ClubId,
    user_id: UserId,
    role: Role,
    owner_id: Id,
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { title: 'Membership' },
);

/** Where the memberships stand. */
export const MembershipParent = Type.Object({ club_id: Id }, closed);

export type MembershipCreate = Static<typeof MembershipCreate>;
export const MembershipCreate = Type.Object(
  {
    user_id: UserId,
    role: Type.Optional(Role),
  },
  {
    ...closed,
    title: 'MembershipCreate',
    examples: [{ user_id: '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d', role: 'reader' }],
  },
);

export type MembershipUpdate = Static<typeof MembershipUpdate>;
export const MembershipUpdate = Type.Object(
  { role: Role },
  { ...closed, title: 'MembershipUpdate', examples: [{ role: 'organiser' }] },
);
