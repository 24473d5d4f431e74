/** What is wrong with a state, before it is sent: in the words in which the server would say it. */

import { player } from "../../generated/index.js";

export const wrong = (state: unknown) => player.schema.judge(state).map(({ path, expected, found }) => `${path}: ${expected}, not ${found}`);
