import { PresenceClient } from "presence-client";
import { presenceKey } from "presence-client/vue";
import { createApp, watch } from "vue";

import App from "./App.vue";
import { guest, tokenOf } from "./guest";
import "./style.css";

// Without `transport` it would be a WebSocket, and this where none gets through.
const client = new PresenceClient({ url: "/presence", transport: "sse", token: () => tokenOf(guest) });

// The name is of the login: another one is another token, and the server sets it in what one says.
watch(() => guest.name, () => void client.renew());

createApp(App).provide(presenceKey, client).mount("#app");
