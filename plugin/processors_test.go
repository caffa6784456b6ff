package main

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAThreadThatSyncsKeepsNoProcessorFromTheOthersUnlessTheEnvironmentSaysHowMany(t *testing.T) {
	processors := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(processors)
	t.Setenv("GOMAXPROCS", "7") // as it was after the test
	setProcessors()
	require.Equal(t, processors, runtime.GOMAXPROCS(0), "the runtime has read GOMAXPROCS at its start")
	require.NoError(t, os.Unsetenv("GOMAXPROCS"))
	setProcessors()
	require.Equal(t, processors+1, runtime.GOMAXPROCS(0))
}
