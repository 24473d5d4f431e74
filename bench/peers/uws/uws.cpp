// A room server on uWebSockets: `uws PORT` has everybody who connects to `/?room=NAME` hear what the others of that room say.
#include "App.h"
#include <cstdlib>
#include <string>

struct Member {
    std::string room;
};

int main(int argc, char **argv) {
    const int port = argc > 1 ? std::atoi(argv[1]) : 7701;
    uWS::App()
        .ws<Member>("/*", {
            .compression = uWS::DISABLED,
            .maxPayloadLength = 16 * 1024,
            .idleTimeout = 120,
            .maxBackpressure = 64 * 1024,
            .upgrade = [](auto *res, auto *req, auto *context) {
                res->template upgrade<Member>({std::string(req->getQuery("room"))}, req->getHeader("sec-websocket-key"),
                    req->getHeader("sec-websocket-protocol"), req->getHeader("sec-websocket-extensions"), context);
            },
            .open = [](auto *ws) { ws->subscribe(ws->getUserData()->room); },
            .message = [](auto *ws, std::string_view message, uWS::OpCode code) {
                ws->publish(ws->getUserData()->room, message, code);
            },
        })
        .listen("127.0.0.1", port, [](auto *socket) {
            if (!socket) std::exit(1);
        })
        .run();
}
