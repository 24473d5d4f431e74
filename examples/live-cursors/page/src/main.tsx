import "./styles/index.css";

import { PresenceClient } from "presence-client";
import { PresenceProvider } from "presence-client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { boardOf } from "./address.js";
import { App } from "./app.js";
import { Hues } from "./hues.js";
import { InRoom } from "./room.js";

const client = new PresenceClient({ url: "/presence" });
const root = document.getElementById("page");
if (!root) throw new Error("index.html has no #page");

createRoot(root).render(
  <StrictMode>
    <PresenceProvider client={client}>
      <InRoom board={boardOf(location.search)}>
        <Hues>
          <App />
        </Hues>
      </InRoom>
    </PresenceProvider>
  </StrictMode>,
);
