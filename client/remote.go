package client

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/gorilla/websocket"
)

// quiet is how long a connection may stay silent: the node pings it every 27 s.
const quiet = 60 * time.Second

// remote is a node behind an RPC address.
type remote struct {
	*rpchttp.HTTP
	url string
}

// newRemote makes no connection yet.
func newRemote(url string) (remote, error) {
	rpc, err := rpchttp.New(url, "/websocket")
	if err != nil {
		return remote{}, fmt.Errorf("the node's address %q: %w", url, err)
	}
	return remote{rpc, url}, nil
}

// Follow subscribes to the node's blocks with a connection of its own.
func (r remote) Follow(ctx context.Context, tell func(height int64) error) error {
	conn, err := r.subscribe(ctx)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() {
		bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		_ = conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
		conn.Close()
	})
	defer func() {
		stop()
		conn.Close()
	}()
	for {
		_ = conn.SetReadDeadline(time.Now().Add(quiet))
		_, message, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		height, err := readHeight(message)
		if err != nil {
			return err
		}
		if err := tell(height); err != nil {
			return err
		}
	}
}

func (r remote) subscribe(ctx context.Context) (*websocket.Conn, error) {
	address := "ws" + strings.TrimPrefix(strings.Replace(r.url, "tcp://", "http://", 1), "http") + "/websocket"
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	answerPing := conn.PingHandler()
	conn.SetPingHandler(func(s string) error {
		_ = conn.SetReadDeadline(time.Now().Add(quiet))
		return answerPing(s)
	})
	ask := map[string]any{"jsonrpc": "2.0", "id": 1, "method": "subscribe",
		"params": map[string]string{"query": cmttypes.EventQueryNewBlockHeader.String()}}
	if err := conn.WriteJSON(ask); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// readHeight takes the height out of a message of the subscription; the first
// message only confirms it and has none.
func readHeight(message []byte) (int64, error) {
	var m struct {
		Error  *struct{ Message, Data string }
		Result struct {
			Data struct {
				Value struct{ Header struct{ Height string } }
			}
		}
	}
	if err := json.Unmarshal(message, &m); err != nil {
		return 0, fmt.Errorf("subscription: %w", err)
	}
	if m.Error != nil {
		return 0, fmt.Errorf("subscription: %s %s", m.Error.Message, m.Error.Data)
	}
	if m.Result.Data.Value.Header.Height == "" {
		return 0, nil
	}
	return strconv.ParseInt(m.Result.Data.Value.Header.Height, 10, 64)
}
