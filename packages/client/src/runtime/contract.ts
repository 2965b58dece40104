/*
 * What the generator writes from the document. These forms stand in for it while the runtime is read and checked by itself.
 */

export type ErrorCode = string;

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id: string;
  errors?: { loc: (string | number)[]; msg: string; type: string }[];
}

export interface TokenPair {
  access_token: string;
  refresh_token?: string;
  token_type: 'bearer';
  expires_in: number;
}
