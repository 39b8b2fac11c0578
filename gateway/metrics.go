package gateway

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Counters of this process, in the default registry.
var (
	requests = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "minga_gateway_requests_total", Help: "Requests answered, by path and HTTP status; 499 if the reader had gone.",
	}, []string{"path", "code"})
	tokens = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "minga_gateway_tokens_total", Help: "Tokens charged, by part: prompt or completion.",
	}, []string{"part"})
	queue = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "minga_gateway_queue", Help: "Answers that wait for their turn at a model.",
	})
	claimed = promauto.NewCounter(prometheus.CounterOpts{
		Name: "minga_gateway_sessions_claimed_total", Help: "Sessions claimed on the chain.",
	})
	lost = promauto.NewCounter(prometheus.CounterOpts{
		Name: "minga_gateway_sessions_lost_total", Help: "Sessions that could not be claimed; the log has each reason.",
	})
	refusals = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "minga_gateway_refusals_total",
		Help: "Jobs not taken, by reason (docs/jobs.md); `minga worker status` has each.",
	}, []string{"reason"})
)
