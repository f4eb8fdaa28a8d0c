package api

import (
	"encoding/json"
	"net/http"

	"cloudvault/internal/middleware"
)

// plan sets or shows what a tenant may do. A tenant that has none yet is a new one.
func (a *API) plan(w http.ResponseWriter, r *http.Request) {
	tenant := r.URL.Query().Get("tenant")
	limiter, found := a.Tenants.Find(tenant)
	switch r.Method {
	case http.MethodPut:
		var plan middleware.Plan
		if err := json.NewDecoder(r.Body).Decode(&plan); err != nil || tenant == "" || plan.Burst < 1 {
			http.Error(w, "a plan needs a tenant and a burst", http.StatusBadRequest)
			return
		}
		a.Tenants.SetPlan(tenant, plan)
		if found {
			a.Counters.PlanChanges.Add(1)
		}
		answer(w, plan, nil)
	case http.MethodGet:
		if !found {
			http.Error(w, "unknown tenant", http.StatusNotFound)
			return
		}
		answer(w, map[string]int{"requestsLastMinute": limiter.RequestsLastMinute()}, nil)
	default:
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}
