import { Type } from 'typebox';
import { closed, Id } from '../common.ts';

export const UserSessionParams = Type.Object({ id: Id, session_id: Id }, closed);
