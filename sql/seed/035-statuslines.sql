-- Status messages for customers, shown before and between those of the scans;
-- see lib/gen/statusline.h. The "queued" message is stored when the generation
-- is admitted, so that a client has a message to show from the start.
select mina_config_seed('mma.lines', $json${
"still": {
	"queued": [
		"Got it. Clearing the table for you.",
		"On it: the lights are warming up.",
		"Thank you, I have everything. Setting up."],
	"scanning": [
		"Taking a first look at what you brought.",
		"Laying everything out to see what we have."],
	"prompting": [
		"Now I am deciding on the light and where things stand.",
		"Sketching the frame before anything is shot.",
		"Thinking about light, surface and room to breathe."],
	"generating": [
		"Everything is in place. The picture is being made.",
		"The frame is set; this part takes a moment.",
		"Shooting now. I will be right here."]},
"video": {
	"queued": [
		"Got it. Putting the camera on its rails.",
		"On it: I am marking the path of the camera."],
	"scanning": [
		"Looking closely at the still we begin with.",
		"Studying the picture, so that it keeps its shape."],
	"prompting": [
		"Now I am planning how it moves, and how it comes to rest.",
		"Working out the movement, slowly and in one piece."],
	"generating": [
		"The camera is rolling. A film takes a few minutes.",
		"Rolling. This is the long part; you may leave and come back."]}
}$json$);
