package gateway

import (
	"net/http"
	"strconv"

	"github.com/minga-network/minga/x/asset"
)

// modelCard is a model as OpenAI describes one.
type modelCard struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"` // the height of the asset: the chain's clock
	OwnedBy string `json:"owned_by"`
	Name    string `json:"name"`
	Context int    `json:"context_window"`
}

func (m *model) card() modelCard {
	return modelCard{
		ID: asset.Denom(m.asset.Id), Object: "model", Created: m.asset.Height, OwnedBy: m.asset.Creator,
		Name: m.asset.Name, Context: m.config.Context,
	}
}

// is tells whether a request means this model, by its asset's number as in asset/7 or 7. Names are not
// unique: anybody may give an asset the name of another.
func (m *model) is(name string) bool {
	return name == asset.Denom(m.asset.Id) || name == strconv.FormatUint(m.asset.Id, 10)
}

// listModels lists what the key can be used for: the one model that it pays for.
func (g *Gateway) listModels(w http.ResponseWriter, r *http.Request) error {
	_, m, err := g.authorize(r)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": []modelCard{m.card()}})
	return nil
}

func (g *Gateway) showModel(w http.ResponseWriter, r *http.Request) error {
	_, m, err := g.authorize(r)
	if err != nil {
		return err
	}
	if name := r.PathValue("id"); !m.is(name) {
		return noModel(name, m)
	}
	writeJSON(w, http.StatusOK, m.card())
	return nil
}

func noModel(name string, m *model) error {
	f := fail(http.StatusNotFound, typeRequest, "model_not_found",
		"The model %.100q is not what this key pays for: it pays for %s (%q).", name, asset.Denom(m.asset.Id), m.asset.Name)
	param := "model"
	f.Param = &param
	return f
}
