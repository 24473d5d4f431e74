// The servers one would write for Node: `node room.js ws|socketio|http PORT`. Everybody hears what the others of a room say.
import { createServer } from "node:http";

const [kind, port] = process.argv.slice(2);

const server = createServer((request, response) => {
  // The least that heartbeats over HTTP need: the body, read as JSON, and an answer in JSON.
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    JSON.parse(body);
    response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
  });
});

if (kind === "ws") {
  const { WebSocketServer } = await import("ws");
  const rooms = new Map();
  new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket, request) => {
    const name = new URL(request.url, "http://localhost").searchParams.get("room");
    const room = rooms.get(name) ?? new Set();
    rooms.set(name, room.add(socket));
    socket.on("message", (state, binary) => {
      for (const other of room) if (other !== socket) other.send(state, { binary });
    });
    socket.on("close", () => room.delete(socket));
  });
}

if (kind === "socketio") {
  const { Server } = await import("socket.io");
  new Server(server, { transports: ["websocket"] }).on("connection", (socket) => {
    socket.on("join", (room) => {
      socket.join(room);
      socket.on("u", (state) => socket.to(room).emit("u", state));
    });
  });
}

server.listen(Number(port), "127.0.0.1");
