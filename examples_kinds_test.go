package main

import "encoding/json"

type nameValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// analysisSpec is that of Argo Rollouts' AnalysisTemplate.
type analysisSpec struct {
	Args    []nameValue `json:"args"`
	Metrics []struct {
		Name              string `json:"name"`
		Count             int    `json:"count"`
		FailureLimit      int    `json:"failureLimit"`
		InconclusiveLimit int    `json:"inconclusiveLimit"`
		SuccessCondition  string `json:"successCondition"`
		FailureCondition  string `json:"failureCondition"`
		Provider          struct {
			Web *struct {
				Method         string `json:"method"`
				URL            string `json:"url"`
				TimeoutSeconds int    `json:"timeoutSeconds"`
				JSONPath       string `json:"jsonPath"`
			} `json:"web"`
			Job *struct {
				Metadata json.RawMessage `json:"metadata"`
				Spec     json.RawMessage `json:"spec"`
			} `json:"job"`
		} `json:"provider"`
	} `json:"metrics"`
}

// rolloutSpec is that of Argo Rollouts' Rollout.
type rolloutSpec struct {
	Replicas int             `json:"replicas"`
	Selector json.RawMessage `json:"selector"`
	Template json.RawMessage `json:"template"`
	Strategy struct {
		Canary struct {
			TrafficRouting struct {
				Istio struct {
					VirtualService struct {
						Name string `json:"name"`
					} `json:"virtualService"`
					DestinationRule struct {
						Name             string `json:"name"`
						StableSubsetName string `json:"stableSubsetName"`
						CanarySubsetName string `json:"canarySubsetName"`
					} `json:"destinationRule"`
				} `json:"istio"`
			} `json:"trafficRouting"`
			Steps []struct {
				SetWeight int `json:"setWeight"`
				Pause     *struct {
					Duration string `json:"duration"`
				} `json:"pause"`
				Analysis *struct {
					Templates []struct {
						TemplateName string `json:"templateName"`
					} `json:"templates"`
					Args []nameValue `json:"args"`
				} `json:"analysis"`
			} `json:"steps"`
		} `json:"canary"`
	} `json:"strategy"`
}

// canarySpec is that of Flagger's Canary.
type canarySpec struct {
	TargetRef struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Name       string `json:"name"`
	} `json:"targetRef"`
	Service struct {
		Port     int    `json:"port"`
		PortName string `json:"portName"`
	} `json:"service"`
	Analysis struct {
		Interval   string `json:"interval"`
		Threshold  int    `json:"threshold"`
		MaxWeight  int    `json:"maxWeight"`
		StepWeight int    `json:"stepWeight"`
		Webhooks   []struct {
			Name     string            `json:"name"`
			Type     string            `json:"type"`
			URL      string            `json:"url"`
			Timeout  string            `json:"timeout"`
			Metadata map[string]string `json:"metadata"`
		} `json:"webhooks"`
	} `json:"analysis"`
}

// taskSpec is that of Tekton's Task.
type taskSpec struct {
	Params []struct {
		Name string `json:"name"`
		Type string `json:"type"`
	} `json:"params"`
	Results []struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"results"`
	Steps []struct {
		Name             string          `json:"name"`
		Image            string          `json:"image"`
		ImagePullPolicy  string          `json:"imagePullPolicy"`
		Args             []string        `json:"args"`
		ComputeResources json.RawMessage `json:"computeResources"`
		SecurityContext  json.RawMessage `json:"securityContext"`
	} `json:"steps"`
}

// taskRunSpec is that of Tekton's TaskRun.
type taskRunSpec struct {
	ServiceAccountName string `json:"serviceAccountName"`
	TaskRef            struct {
		Name string `json:"name"`
	} `json:"taskRef"`
	Params      []nameValue     `json:"params"`
	PodTemplate json.RawMessage `json:"podTemplate"`
}

// chart is Helm's Chart.yaml.
type chart struct {
	APIVersion  string `json:"apiVersion"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Type        string `json:"type"`
	Version     string `json:"version"`
}

// workflow is one of GitHub Actions.
type workflow struct {
	Name string `json:"name"`
	On   struct {
		WorkflowDispatch json.RawMessage `json:"workflow_dispatch"`
	} `json:"on"`
	Jobs map[string]struct {
		RunsOn         string `json:"runs-on"`
		TimeoutMinutes int    `json:"timeout-minutes"`
		Steps          []struct {
			Name string `json:"name"`
			Run  string `json:"run"`
		} `json:"steps"`
	} `json:"jobs"`
}

// pipelineJob is one of GitLab.
type pipelineJob struct {
	Stage        string   `json:"stage"`
	Timeout      string   `json:"timeout"`
	Script       []string `json:"script"`
	AllowFailure struct {
		ExitCodes int `json:"exit_codes"`
	} `json:"allow_failure"`
	Artifacts struct {
		When    string            `json:"when"`
		Reports map[string]string `json:"reports"`
	} `json:"artifacts"`
}
