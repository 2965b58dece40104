import { closed, Id } from '../common.ts';
import { Type } from '../type.ts';

export const UserSessionParams = Type.Object({ id: Id, session_id: Id }, closed);
