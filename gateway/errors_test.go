package gateway

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	key, _ := w.key(100)
	const chat, text = "/v1/chat/completions", "/v1/completions"
	said := `"model":"asset/5","messages":[{"role":"user","content":"hi"}]`
	asked := `"model":"asset/5","prompt":"hi"`
	for _, c := range []struct {
		name, method, path, key, body string
		status                        int
		code, param                   string
	}{
		{"no key", "POST", text, "", `{` + asked + `}`, 401, "invalid_api_key", ""},
		{"another key", "POST", text, "sk-minga-x", `{` + asked + `}`, 401, "invalid_api_key", ""},
		{"no JSON", "POST", text, key, `{`, 400, "", ""},
		{"no object", "POST", text, key, `[]`, 400, "", ""},
		{"null", "POST", text, key, `null`, 400, "", ""},
		{"no model", "POST", text, key, `{"prompt":"hi"}`, 400, "", "model"},
		{"a model by a name, which anybody may take", "POST", text, key, `{"model":"commons-1","prompt":"hi"}`, 404,
			"model_not_found", "model"},
		{"another model", "POST", chat, key, `{"model":"gpt-4","messages":[{"role":"user","content":"hi"}]}`, 404,
			"model_not_found", "model"},
		{"no messages", "POST", chat, key, `{"model":"asset/5"}`, 400, "", "messages"},
		{"a role of its own", "POST", chat, key, `{"model":"asset/5","messages":[{"role":"tool","content":"hi"}]}`, 400, "",
			"messages"},
		{"an image", "POST", chat, key, `{"model":"asset/5","messages":[{"role":"user","content":[{"type":"image_url"}]}]}`,
			400, "", "messages"},
		{"content of a number", "POST", chat, key, `{"model":"asset/5","messages":[{"role":"user","content":5}]}`, 400, "",
			"messages.content"},
		{"tools", "POST", chat, key, `{` + said + `,"tools":[{"type":"function"}]}`, 400, "", "tools"},
		{"JSON mode", "POST", chat, key, `{` + said + `,"response_format":{"type":"json_object"}}`, 400, "",
			"response_format"},
		{"two answers", "POST", chat, key, `{` + said + `,"n":2}`, 400, "", "n"},
		{"penalty", "POST", chat, key, `{` + said + `,"presence_penalty":0.5}`, 400, "", "presence_penalty"},
		{"echo", "POST", text, key, `{` + asked + `,"echo":true}`, 400, "", "echo"},
		{"suffix", "POST", text, key, `{` + asked + `,"suffix":"x"}`, 400, "", "suffix"},
		{"too hot", "POST", text, key, `{` + asked + `,"temperature":2.1}`, 400, "", "temperature"},
		{"temperature in words", "POST", text, key, `{` + asked + `,"temperature":"hot"}`, 400, "", "temperature"},
		{"top_p", "POST", text, key, `{` + asked + `,"top_p":-1}`, 400, "", "top_p"},
		{"half a seed", "POST", text, key, `{` + asked + `,"seed":1.5}`, 400, "", "seed"},
		{"no tokens", "POST", text, key, `{` + asked + `,"max_tokens":0}`, 400, "", "max_tokens"},
		{"five stops", "POST", text, key, `{` + asked + `,"stop":["a","b","c","d","e"]}`, 400, "", "stop"},
		{"an empty stop", "POST", text, key, `{` + asked + `,"stop":""}`, 400, "", "stop"},
		{"a stop of a number", "POST", text, key, `{` + asked + `,"stop":5}`, 400, "", "stop"},
		{"many logprobs", "POST", text, key, `{` + asked + `,"logprobs":21}`, 400, "", "logprobs"},
		{"top_logprobs alone", "POST", chat, key, `{` + said + `,"top_logprobs":2}`, 400, "", "top_logprobs"},
		{"two prompts", "POST", text, key, `{"model":"asset/5","prompt":["a","b"]}`, 400, "", "prompt"},
		{"a prompt of an object", "POST", text, key, `{"model":"asset/5","prompt":{}}`, 400, "", "prompt"},
		{"tokens unheard of", "POST", text, key, `{"model":"asset/5","prompt":[1,300000],"max_tokens":1}`, 400, "", ""},
		{"beyond the context", "POST", text, key, `{` + asked + `,"max_tokens":128}`, 400, "context_length_exceeded", ""},
		{"a book", "POST", text, key, `{"model":"asset/5","prompt":"` + strings.Repeat("in the beginning ", 1000) + `"}`,
			400, "context_length_exceeded", ""},
		{"beyond the budget", "POST", text, key, `{` + asked + `,"max_tokens":99}`, 429, "insufficient_quota", ""},
		{"too large", "POST", text, key, strings.Repeat(" ", maxBody+1), 413, "request_too_large", ""},
		{"wrong method", "GET", text, key, "", 405, "method_not_supported", ""},
		{"wrong path", "POST", "/v1/embeddings", key, `{}`, 404, "unknown_url", ""},
		{"wrong model", "GET", "/v1/models/asset/6", key, "", 404, "model_not_found", "model"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, body := w.do(c.method, c.path, c.key, c.body)
			var answer struct {
				Error struct {
					Message, Type string
					Code, Param   *string
				}
			}
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				t.Fatalf("%s %s", res.Status, body)
			}
			e := answer.Error
			if res.StatusCode != c.status || value(e.Code) != c.code || value(e.Param) != c.param || e.Message == "" ||
				e.Type == "" {
				t.Errorf("%s %s", res.Status, body)
			}
			if res.Header.Get("X-Request-Id") == "" {
				t.Error("no request id")
			}
		})
	}
	if s := w.g.active()[0]; s.used != 0 || s.reserved != 0 || s.active != 0 {
		t.Errorf("refusals cost %d, reserve %d", s.used, s.reserved)
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestHarmlessParametersPass(t *testing.T) {
	w := newWorld(t)
	key, _ := w.key(10_000)
	res, body := w.do("POST", "/v1/chat/completions", key, `{"model":"asset/5","max_tokens":2,"user":"u",
		"metadata":{"a":"b"},"store":false,"n":1,"tools":[],"tool_choice":"none","presence_penalty":0,"logit_bias":{},
		"response_format":{"type": "text"},"stop":null,"temperature":null,"seed":-5,
		"stream_options":{"include_usage":true},"service_tier":"auto","logprobs":false,"top_logprobs":0,
		"something_new":[1,2],"messages":[{"role":"developer","content":"x","name":"y"},
		{"role":"assistant","content":null},{"role":"user","content":[{"type":"text","text":"z"}]}]}`)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", res.Status, body)
	}
	for _, prompt := range []string{`""`, `null`, `[65,66]`, `["one"]`, `[[65]]`, `[]`} {
		w.complete(key, `{"model":"asset/5","max_tokens":1,"prompt":`+prompt+`}`)
	}
}

func TestPagesOfOtherOriginsAreKeptOut(t *testing.T) {
	w := newWorld(t)
	ask := func(method, origin string) *http.Response {
		r, _ := http.NewRequest(method, w.url+"/v1/models", nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Headers", "authorization")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	allowed := func(r *http.Response) string { return r.Header.Get("Access-Control-Allow-Origin") }
	if r := ask("OPTIONS", "https://chat.example"); r.StatusCode != 405 || allowed(r) != "" {
		t.Errorf("%s %v", r.Status, r.Header)
	}
	w.start(Config{Origins: []string{"https://chat.example"}})
	if r := ask("OPTIONS", "https://chat.example"); r.StatusCode != 204 || allowed(r) == "" ||
		r.Header.Get("Access-Control-Allow-Headers") != "authorization" {
		t.Errorf("%s %v", r.Status, r.Header)
	}
	if r := ask("GET", "https://chat.example"); allowed(r) != "https://chat.example" {
		t.Errorf("%s %v", r.Status, r.Header)
	}
	if r := ask("GET", "https://evil.example"); allowed(r) != "" {
		t.Errorf("%s %v", r.Status, r.Header)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	w := newWorld(t)
	w.eventually("the gateway is healthy", func() bool {
		return w.status("/healthz").Code == http.StatusOK
	})
	w.do("GET", "/v1/models", "", "")
	if body := w.status("/metrics").Body.String(); !strings.Contains(body,
		`minga_gateway_requests_total{code="401",path="/v1/models"}`) {
		t.Error(body)
	}
	for _, path := range []string{"/healthz", "/metrics"} {
		if res, _ := w.do("GET", path, "", ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("the API answers %s with %s", path, res.Status)
		}
	}
}

// status asks the listener that is for the operator only.
func (w *world) status(path string) *httptest.ResponseRecorder {
	r := httptest.NewRecorder()
	w.g.Status().ServeHTTP(r, httptest.NewRequest("GET", path, nil))
	return r
}

// FuzzRequest: any bytes either become a request, which the engine may refuse only for its length or its
// tokens, or are refused with status 400.
func FuzzRequest(f *testing.F) {
	m := &model{config: tiny(f).Config, tokenizer: tiny(f).Tokenizer}
	for _, s := range []string{
		`{"model":"m","messages":[{"role":"user","content":"hi"}],"stop":["a","b"],"logprobs":true,"top_logprobs":3}`,
		`{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],` +
			`"max_completion_tokens":3,"seed":-1}`,
		`{"model":"m","prompt":"x","temperature":0.5,"top_p":0,"stop":"\n","stream":true,` +
			`"stream_options":{"include_usage":true}}`,
		`{"model":"m","prompt":[[1,2]],"n":1,"logprobs":2}`, `{"model":"m","prompt":["x"]}`, `{"prompt":5}`, `null`,
		`{"n":null}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c chatRequest
		if err := decode(data, &c); err != nil {
			check400(t, err)
		} else if r, err := c.order(m); err != nil {
			check400(t, err)
		} else if len(r.Prompt) == 0 || len(r.Stop) > maxStops+len(roles) || r.Temperature < 0 || r.TopP <= 0 {
			t.Errorf("%+v", r)
		}
		var x textRequest
		if err := decode(data, &x); err != nil {
			check400(t, err)
		} else if r, err := x.order(m); err != nil {
			check400(t, err)
		} else if len(r.Prompt) == 0 || r.MaxTokens < 1 || r.Logprobs > maxTop {
			t.Errorf("%+v", r)
		}
	})
}

func check400(t *testing.T, err error) {
	if f, internal := asFailure(err); internal || f.status != http.StatusBadRequest {
		t.Errorf("%+v", err)
	}
}
